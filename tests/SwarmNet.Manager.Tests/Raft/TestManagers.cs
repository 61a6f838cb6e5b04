using System.Net;
using SwarmNet.Ca;
using SwarmNet.Manager.Tests;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Raft;

/// <summary>Managers of one swarm in this process, each on a loopback address of its own.</summary>
internal sealed class TestManagers : IAsyncDisposable
{
    private static int s_swarms;

    private readonly TempFolder _folder = new();
    private readonly int _swarm = Interlocked.Increment(ref s_swarms);

    public Dictionary<int, SwarmManager> Running { get; } = [];

    public SwarmManager Leader => Running.Values.First(manager => manager.IsLeader);

    public IEnumerable<SwarmManager> Followers => Running.Values.Where(manager => !manager.IsLeader);

    public static async Task<TestManagers> StartAsync(int count)
    {
        var managers = new TestManagers();
        try
        {
            var first = await SwarmManager.BootstrapAsync(managers.Options(1), default);
            managers.Running[1] = first;
            await first.ListenAsync(managers.EndPoint(1), default);
            for (var number = 2; number <= count; number++)
            {
                await managers.JoinAsync(number);
            }

            return managers;
        }
        catch
        {
            await managers.DisposeAsync();
            throw;
        }
    }

    /// <summary>127.0.0.0/8 is ours alone; the process id keeps test runs apart.</summary>
    public string Address(int number) => $"127.{100 + (Environment.ProcessId % 100)}.{_swarm}.{number}:2377";

    public IPEndPoint EndPoint(int number) => IPEndPoint.Parse(Address(number));

    public string Folder(int number) => Path.Combine(_folder.Path, $"{number}");

    /// <summary>A new node gets a certificate with a token, by whichever manager is asked.</summary>
    public async Task<NodeCertificate> EnterAsync(NodeRole role, params string[] addresses)
    {
        var tokens = Leader.Store.View.Cluster!.RootCa.JoinTokens;
        Assert.That(JoinToken.TryParse(role == NodeRole.Manager ? tokens.Manager : tokens.Worker, out var token), Is.True);
        return await new CaClient(TimeProvider.System, new Random(1)).JoinAsync(addresses, token!, NodeAvailability.Active, default);
    }

    public async Task<SwarmManager> JoinAsync(int number, string? advertise = null)
    {
        var others = Running.Keys.Select(Address).ToArray();
        var security = NodeSecurity.Create(Folder(number), await EnterAsync(NodeRole.Manager, others));
        var manager = await SwarmManager.StartNewcomerAsync(Options(number, advertise, security), default);
        Running[number] = manager;
        await manager.ListenAsync(EndPoint(number), default);
        await manager.JoinAsync(others, default).WaitAsync(TimeSpan.FromSeconds(60));
        return manager;
    }

    public async Task StopAsync(int number)
    {
        Running.Remove(number, out var manager);
        await manager!.DisposeAsync();
    }

    public async Task<SwarmManager> OpenAsync(int number, int? address = null, bool forceNewCluster = false)
    {
        var manager = await SwarmManager.OpenAsync(Options(number, address is { } at ? Address(at) : null, null, forceNewCluster), default);
        Running[number] = manager;
        await manager.ListenAsync(EndPoint(address ?? number), default);
        return manager;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var number in Running.Keys.ToList())
        {
            await StopAsync(number);
        }

        _folder.Dispose();
    }

    private SwarmManagerOptions Options(int number, string? advertise = null, NodeSecurity? security = null, bool forceNewCluster = false) => new()
    {
        StateDirectory = Folder(number),
        AdvertiseAddr = advertise ?? Address(number),
        Security = security,
        ForceNewCluster = forceNewCluster,
    };
}
