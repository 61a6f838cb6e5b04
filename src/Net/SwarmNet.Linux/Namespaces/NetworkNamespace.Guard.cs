namespace SwarmNet.Linux;

// The invariant of the whole design: no thread but the entering one is ever in a foreign namespace.
public sealed partial class NetworkNamespace
{
    /// <summary>The inode of the network namespace that the calling thread is in.</summary>
    public static ulong CurrentThreadId => InodeOfLink("/proc/thread-self/ns/net");

    /// <summary>The inode of the network namespace of the process (of its main thread).</summary>
    public static ulong HomeId => InodeOfLink("/proc/self/ns/net");

    /// <summary>
    /// Throws <see cref="InvalidOperationException"/> when the calling thread is not in the namespace of the process. Call it from
    /// pool work items in tests and debug builds.
    /// </summary>
    public static void AssertPoolThreadIsHome()
    {
        ulong here = CurrentThreadId;
        ulong home = HomeId;
        if (here != home)
        {
            throw new InvalidOperationException(
                $"Thread {Environment.CurrentManagedThreadId} is in network namespace {here} instead of the process's {home}.");
        }
    }
}
