using System.Collections.Concurrent;
using System.Text;

namespace SwarmNet.Raft.Tests;

/// <summary>Nodes of this process on real folders and a network of method calls.</summary>
internal sealed class NodeCluster(CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly TempFolder _folder = new();

    public InMemoryNetwork Network { get; } = new();

    public Dictionary<ulong, RaftNode> Nodes { get; } = [];

    public ConcurrentDictionary<ulong, RecordingMachine> Machines { get; } = [];

    public int SnapshotEntries { get; init; } = 10_000;

    public int SegmentBytes { get; init; } = 16 << 20;

    public string FolderOf(ulong id) => _folder.Of($"{id}");

    /// <summary>Starts the first voters.</summary>
    public async Task StartAsync(params ulong[] voters)
    {
        foreach (ulong id in voters)
        {
            await StartAsync(id, Options(id, bootstrap: true, voters));
        }
    }

    /// <summary>Starts a node that waits to be taken in, or that was stopped.</summary>
    public Task<RaftNode> JoinAsync(ulong id) => StartAsync(id, Options(id, bootstrap: false, []));

    public async Task<RaftNode> StartAsync(ulong id, RaftNodeOptions options)
    {
        Machines[id] = new RecordingMachine();
        RaftNode node = await RaftNode.OpenAsync(options, Machines[id], cancellationToken);
        Nodes[id] = node;
        Network.Attach(node);
        return node;
    }

    public async Task StopAsync(ulong id)
    {
        Network.Detach(id);
        Nodes.Remove(id, out RaftNode? node);
        await node!.DisposeAsync();
    }

    public RaftNodeOptions Options(ulong id, bool bootstrap, ulong[] voters, bool force = false) => new()
    {
        Directory = FolderOf(id),
        NodeId = id,
        Voters = voters,
        Bootstrap = bootstrap,
        Join = !bootstrap && !force,
        ForceNewCluster = force,
        Transport = Network,
        Seed = (int)id,
        TickInterval = TimeSpan.FromMilliseconds(20),
        SnapshotEntries = SnapshotEntries,
        SegmentBytes = SegmentBytes,
    };

    /// <summary>The leader that all running members follow.</summary>
    public async Task<RaftNode> LeaderAsync()
    {
        RaftNode? leader = null;
        await UntilAsync(() => (leader = Nodes.Values.FirstOrDefault(IsLeaderOfAll)) is not null, "one leader");
        return leader!;
    }

    /// <summary>Proposes at whoever leads, until it is acknowledged; the text must be applied once or, after a lost leadership, more often.</summary>
    public async Task<ulong> WriteAsync(string text)
    {
        while (true)
        {
            try
            {
                return await (await LeaderAsync()).ProposeAsync(Encoding.UTF8.GetBytes(text), cancellationToken);
            }
            catch (RaftException exception) when (exception is RaftNotLeaderException or RaftBusyException or RaftProposalLostException)
            {
                await Task.Delay(5, cancellationToken);
            }
        }
    }

    /// <summary>Changes the membership at whoever leads; a new leader takes changes only after its first commit.</summary>
    public async Task ChangeAsync(params MembershipChange[] changes)
    {
        while (true)
        {
            try
            {
                await (await LeaderAsync()).ChangeMembershipAsync(changes, cancellationToken);
                return;
            }
            catch (RaftException exception) when (exception is RaftNotLeaderException or RaftBusyException)
            {
                await Task.Delay(5, cancellationToken);
            }
        }
    }

    public async Task UntilAsync(Func<bool> condition, string what)
    {
        try
        {
            while (!condition())
            {
                await Task.Delay(5, cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"not in time: {what}; " + string.Join("; ", Nodes.Values.Select(node => node.Status)));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (RaftNode node in Nodes.Values)
        {
            await node.DisposeAsync();
        }

        _folder.Dispose();
    }

    private bool IsLeaderOfAll(RaftNode node) => node.Status.Role == RaftRole.Leader && Nodes.Values.All(other =>
        !node.Status.Membership.Contains(other.Status.NodeId) || (other.Status.LeaderId == node.Status.NodeId && other.Status.Term == node.Status.Term));
}
