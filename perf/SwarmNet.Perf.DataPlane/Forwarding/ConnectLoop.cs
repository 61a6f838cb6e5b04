using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using SwarmNet.Linux;

namespace SwarmNet.Perf.DataPlane.Forwarding;

/// <summary>TCP connections opened one after the other, each timed from SYN to established and then reset.</summary>
internal static class ConnectLoop
{
    /// <summary>A TCP socket of a namespace.</summary>
    public static Socket Open(NetworkNamespace ns) =>
        new(new SafeSocketHandle(ns.OpenSocket(Libc.AF_INET, Libc.SOCK_STREAM, 0).Release(), ownsHandle: true));

    /// <summary>Microseconds of each connect, sorted; NaN (which sorts first) for one that failed.</summary>
    public static double[] Run(NetworkNamespace from, string address, int port, int count)
    {
        var times = new List<double>(count);
        Run(from, address, port, times, () => times.Count < count);
        return [.. times.Order()];
    }

    /// <summary>As above while <paramref name="goOn"/> says so.</summary>
    public static void Run(NetworkNamespace from, string address, int port, List<double> times, Func<bool> goOn)
    {
        var to = new IPEndPoint(IPAddress.Parse(address), port);
        while (goOn())
        {
            using Socket socket = Open(from);
            socket.LingerState = new LingerOption(true, 0); // no TIME_WAIT to run out of ports by
            long start = Stopwatch.GetTimestamp();
            try
            {
                socket.Connect(to);
                times.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            }
            catch (SocketException)
            {
                times.Add(double.NaN);
            }
        }
    }

    /// <summary>The value below which this share of the sorted figures lies.</summary>
    public static double Percentile(double[] sorted, double share) => sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
}
