namespace SwarmNet.Linux;

/// <summary>
/// Bindings of libc, one file for each C header, with the header's names and no logic. Every call sets the thread's last P/Invoke
/// error, which <see cref="LinuxException.LastErrno"/> reads. Calls return what C returns (-1 = failed).
/// </summary>
public static unsafe partial class Libc
{
    private const string libc = "libc";

    private static bool IsArm64 =>
        System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture == System.Runtime.InteropServices.Architecture.Arm64;
}
