using System.Globalization;

namespace SwarmNet.Cluster.Tests;

/// <summary>How long somebody on this machine waited for a processor (<c>Documentation/accounting/psi.rst</c>).</summary>
internal static class CpuPressure
{
    /// <summary>Time since the machine started in which at least one process waited; zero where the kernel does not tell.</summary>
    public static TimeSpan WaitedSoFar()
    {
        const string Field = "total=";
        var some = File.Exists("/proc/pressure/cpu") ? File.ReadLines("/proc/pressure/cpu").First() : Field + "0";
        var microseconds = long.Parse(some.AsSpan(some.IndexOf(Field, StringComparison.Ordinal) + Field.Length), CultureInfo.InvariantCulture);
        return TimeSpan.FromMicroseconds(microseconds);
    }
}
