using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.Grpc;

namespace SwarmNet.Perf.Raft;

/// <summary>Three processes on this machine, their folders side by side on one disk; on loopback, or each on a host of its own.</summary>
internal abstract partial class Cluster : IDisposable
{
    // signal(7)
    private const int SIGCONT = 18;
    private const int SIGSTOP = 19;

    // proc(5): in clock ticks, of which Linux shows 100 a second.
    private const double TicksPerSecond = 100;

    private readonly Process?[] _processes = new Process?[3];

    private readonly Hosts? _hosts;

    protected Cluster(string folder, int firstPort, Hosts? hosts)
    {
        _hosts = hosts;
        // Also when the program is told to stop.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
        Folder = folder;
        FirstPort = firstPort;
    }

    public abstract string Name { get; }

    protected string Folder { get; }

    protected int FirstPort { get; }

    public int ClientPort(int member) => FirstPort + member;

    public int PeerPort(int member) => FirstPort + 3 + member;

    public IPAddress Address(int member) => _hosts?.AddressOf(member) ?? IPAddress.Loopback;

    /// <summary>Starts a member that is not running.</summary>
    public void Start(int member)
    {
        Directory.CreateDirectory(Folder);
        ProcessStartInfo start = Command(member);
        if (_hosts is not null)
        {
            start = new ProcessStartInfo("ip", ["netns", "exec", _hosts.NameOf(member), start.FileName, .. start.ArgumentList]);
        }

        start.RedirectStandardOutput = start.RedirectStandardError = true;
        Process process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        _processes[member] = process;
    }

    /// <summary>SIGKILL.</summary>
    public void Kill(int member)
    {
        _processes[member]!.Kill();
        _processes[member]!.WaitForExit();
        _processes[member]!.Dispose();
        _processes[member] = null;
    }

    public void Fail(int member, Failure failure)
    {
        switch (failure)
        {
            case Failure.Killed:
                Kill(member);
                break;
            case Failure.Stopped:
                Signal(member, SIGSTOP);
                break;
            default:
                Cut(member, (member + 1) % 3, (member + 2) % 3);
                break;
        }
    }

    public void Recover(int member, Failure failure)
    {
        switch (failure)
        {
            case Failure.Killed:
                Start(member);
                break;
            case Failure.Stopped:
                Signal(member, SIGCONT);
                break;
            default:
                _hosts!.Heal(member);
                break;
        }
    }

    public void Cut(int member, params int[] others) => _hosts!.Cut(member, others);

    /// <summary>The leader, once all members answer and follow it.</summary>
    public async Task<int> WholeAsync()
    {
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(60);)
        {
            try
            {
                bool[] leads = new bool[3];
                HashSet<double> terms = [];
                for (int member = 0; member < 3; member++)
                {
                    leads[member] = (await StatsAsync(member)).Leads;
                    terms.Add(await TermAsync(member));
                }

                if (terms.Count == 1 && leads.Count(static l => l) == 1)
                {
                    return Array.IndexOf(leads, true);
                }
            }
            catch (Exception exception) when (exception is RpcException or HttpRequestException or IOException or SocketException or OperationCanceledException)
            {
                // It starts.
            }

            await Task.Delay(50);
        }

        throw new TimeoutException($"{Name} is not whole within 60 s.");
    }

    /// <summary>The member that leads, once there is one.</summary>
    public async Task<int> LeaderAsync()
    {
        for (long start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30);)
        {
            for (int member = 0; member < 3; member++)
            {
                try
                {
                    if (_processes[member] is not null && (await StatsAsync(member)).Leads)
                    {
                        return member;
                    }
                }
                catch (Exception exception) when (exception is RpcException or HttpRequestException or IOException or SocketException or OperationCanceledException)
                {
                    // It starts.
                }
            }

            await Task.Delay(10);
        }

        throw new TimeoutException($"{Name} has no leader within 30 s.");
    }

    /// <summary>Calls of fsync and fdatasync, of all members.</summary>
    public async Task<double> FsyncsAsync()
    {
        double sum = 0;
        for (int member = 0; member < 3; member++)
        {
            sum += (await StatsAsync(member)).Fsyncs;
        }

        return sum;
    }

    /// <summary>Processor time of all members.</summary>
    public TimeSpan ProcessorTime() => TimeSpan.FromSeconds(_processes.Sum(static process =>
    {
        string stat = File.ReadAllText($"/proc/{process!.Id}/stat");
        string[] fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksPerSecond;
    }));

    public GrpcChannel Channel(int member) => new(new GrpcChannelOptions
    {
        Connect = async token =>
        {
            Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(Address(member), ClientPort(member), token);
            return new NetworkStream(socket, ownsSocket: true);
        },
    });

    public void Dispose()
    {
        for (int member = 0; member < 3; member++)
        {
            if (_processes[member] is not null)
            {
                Kill(member);
            }
        }

        if (Directory.Exists(Folder))
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    /// <summary>The Raft term that a member is in.</summary>
    public abstract Task<double> TermAsync(int member);

    protected abstract ProcessStartInfo Command(int member);

    protected abstract Task<(bool Leads, double Fsyncs)> StatsAsync(int member);

    private void Signal(int member, int signal)
    {
        if (Kill(_processes[member]!.Id, signal) != 0)
        {
            throw new IOException($"kill: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int pid, int signal);
}
