using Google.Protobuf;
using SwarmNet.Ca;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.AtRest;

/// <summary>
/// All that a swarm's managers know, at one moment: its objects with its secrets and the key of its CA. With autolock it is sealed with the
/// unlock key of that moment, else whoever reads it owns the swarm.
/// </summary>
public sealed class SwarmBackup
{
    private SwarmBackup(BackupHeader header, StoreSnapshot state, Cluster cluster) => (Header, State, Cluster) = (header, state, cluster);

    /// <summary>What it says of itself.</summary>
    public BackupHeader Header { get; }

    internal StoreSnapshot State { get; }

    internal Cluster Cluster { get; }

    /// <summary>Addresses at which managers of the swarm were when it was made.</summary>
    internal IEnumerable<string> ManagerAddresses =>
        State.Nodes.Select(static node => node.ManagerStatus?.Addr).OfType<string>().Where(static address => address.Length > 0);

    /// <summary>The file of a backup of this view.</summary>
    /// <param name="view">Complete: it holds the cluster object.</param>
    /// <param name="nodeId">The manager that makes it.</param>
    /// <param name="term">Its current term.</param>
    /// <param name="now">The time.</param>
    internal static byte[] Create(StoreView view, string nodeId, ulong term, DateTimeOffset now)
    {
        var cluster = view.Cluster ?? throw new InvalidOperationException("The store holds no cluster yet.");
        return BackupCodec.Encode(
            new BackupHeader(cluster.Id, nodeId, view.Index, term, now), view.ToSnapshot().ToByteArray(), ClusterLock.KeyOf(cluster));
    }

    /// <summary>Reads a file. Throws <see cref="BackupException"/> for one that cannot be restored.</summary>
    /// <param name="file">The whole file.</param>
    /// <param name="unlockKey">Opens a sealed one.</param>
    public static SwarmBackup Open(ReadOnlyMemory<byte> file, UnlockKey? unlockKey)
    {
        var status = BackupCodec.TryDecode(file, unlockKey, out var header, out var state);
        if (status != BackupStatus.Open)
        {
            throw new BackupException(Refusal(status));
        }

        var snapshot = Parse(state);
        var cluster = snapshot.Clusters.SingleOrDefault();
        if (cluster is null || cluster.Id != header!.ClusterId || cluster.Spec is null || snapshot.VersionIndex != header.Index || header.Index == 0 || header.Term == 0)
        {
            throw new BackupException("The backup contradicts itself: what it holds is not what it says it holds. Use another one.");
        }

        if (!snapshot.Nodes.Any(node => node.Id == header.NodeId))
        {
            throw new BackupException($"The backup lacks node {header.NodeId}, the manager that made it. Use another one.");
        }

        if (cluster.RootCa is not { CaKey.IsEmpty: false })
        {
            throw new BackupException("The backup lacks the key of the swarm's CA, so no node could get a certificate. Use one of a swarm with a CA of its own.");
        }

        return new SwarmBackup(header, snapshot, cluster);
    }

    /// <summary>
    /// The state with which the swarm goes on, one entry after the backup: its node is the only manager, with this status and certificate, all
    /// others are workers.
    /// </summary>
    internal StoreSnapshot ForSoleManager(ManagerStatus status, Certificate certificate)
    {
        var state = State.Clone();
        state.VersionIndex = Header.Index + 1;
        foreach (var node in state.Nodes)
        {
            var before = node.Clone();
            var isOwn = node.Id == Header.NodeId;
            node.Spec ??= new NodeSpec();
            node.Role = node.Spec.DesiredRole = isOwn ? NodeRole.Manager : NodeRole.Worker;
            node.ManagerStatus = isOwn ? status : null;
            node.Certificate = isOwn ? certificate : node.Certificate;
            if (!node.Equals(before))
            {
                StoreObject.EnsureMeta(node).Version = new Protocol.Version { Index = state.VersionIndex };
            }
        }

        return state;
    }

    private static StoreSnapshot Parse(ReadOnlyMemory<byte> state)
    {
        try
        {
            return StoreSnapshot.Parser.ParseFrom(state.Span);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new BackupException($"What the backup holds cannot be read ({e.Message}). Use another one.");
        }
    }

    private static string Refusal(BackupStatus status) => status switch
    {
        BackupStatus.NoBackup => "This is no backup of a swarm: give a file that \"swarm backup\" has written.",
        BackupStatus.OtherVersion => $"The backup was written in another format than version {BackupCodec.FormatVersion}: restore it with the program version that wrote it.",
        BackupStatus.Truncated => "The backup is cut short: its end is missing. Copy it again, or use another one.",
        BackupStatus.Damaged => "The backup is damaged: it fails its checksum. Copy it again, or use another one.",
        BackupStatus.Locked => "The backup is sealed, as the swarm's managers were locked: give the unlock key that the swarm had when it was made.",
        _ => "The unlock key does not open this backup: give the one that the swarm had when it was made.",
    };
}
