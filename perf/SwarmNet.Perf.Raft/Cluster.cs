using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.Grpc;

namespace SwarmNet.Perf.Raft;

/// <summary>Three processes on this machine, their folders side by side on one disk.</summary>
internal abstract class Cluster : IDisposable
{
    // proc(5): in clock ticks, of which Linux shows 100 a second.
    private const double TicksPerSecond = 100;

    private readonly Process?[] _processes = new Process?[3];

    protected Cluster(string folder, int firstPort)
    {
        Folder = folder;
        FirstPort = firstPort;
    }

    public abstract string Name { get; }

    protected string Folder { get; }

    protected int FirstPort { get; }

    public int ClientPort(int member) => FirstPort + member;

    public int PeerPort(int member) => FirstPort + 3 + member;

    /// <summary>Starts a member that is not running.</summary>
    public void Start(int member)
    {
        Directory.CreateDirectory(Folder);
        ProcessStartInfo start = Command(member);
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
            await socket.ConnectAsync(IPAddress.Loopback, ClientPort(member), token);
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

    protected abstract ProcessStartInfo Command(int member);

    protected abstract Task<(bool Leads, double Fsyncs)> StatsAsync(int member);
}
