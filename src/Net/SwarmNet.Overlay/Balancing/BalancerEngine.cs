using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.NfTables;

namespace SwarmNet.Overlay.Balancing;

/// <summary>
/// Keeps one balancing table of one namespace as wanted: loads what is in force (so that a restarted process goes on from
/// there), plans, applies. Not thread-safe; its owner locks.
/// </summary>
/// <remarks>
/// The rules carry a version in the name of an empty chain: a table made by another version of this code is replaced, within
/// one transaction, the first time something is applied.
/// </remarks>
internal sealed class BalancerEngine : IDisposable
{
    private readonly NfTable _table;
    private readonly BalanceSets _sets;
    private readonly string _versionChain;
    private readonly Action<NfTablesBatch, BalanceSets> _define;
    private readonly NfTablesBatch _batch = new(16 * 1024);
    private Dictionary<ulong, ulong[]>? _current;

    public BalancerEngine(
        NetworkNamespace? ns, NfTable table, FrontendCodec codec, string versionChain, Action<NfTablesBatch, BalanceSets> define)
    {
        _table = table;
        _sets = new BalanceSets(table, codec);
        _versionChain = versionChain;
        _define = define;
        Socket = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, ns);
    }

    public NetlinkSocket Socket { get; }

    /// <summary>The slot tables last known to be in force.</summary>
    public IReadOnlyDictionary<ulong, ulong[]> Current => _current ?? [];

    /// <summary>Brings the kernel to <paramref name="wanted"/> in one transaction and returns what that was.</summary>
    public BalancePlan Apply(IReadOnlyDictionary<ulong, IReadOnlyList<WeightedTarget>> wanted)
    {
        Dictionary<ulong, ulong[]> current = _current ?? LoadOrCreate();
        BalancePlan plan = BalancePlanner.Plan(current, wanted);
        _current = null; // unknown until the kernel has said yes
        Execute(batch => _sets.Append(batch, plan));
        _current = plan.Result;
        return plan;
    }

    /// <summary>Runs other changes to the table; it exists then.</summary>
    public void Change(Action<NfTablesBatch> change)
    {
        _current ??= LoadOrCreate();
        Execute(change);
    }

    /// <summary>Forgets what is known of the kernel: the next <see cref="Apply"/> reads it again and repairs differences.</summary>
    public void Invalidate() => _current = null;

    /// <summary>Removes the table. Absence is not an error.</summary>
    public void Delete()
    {
        _current = null;
        Execute(batch => batch.AddTable(_table).DeleteTable(_table));
    }

    public void Dispose() => Socket.Dispose();

    private Dictionary<ulong, ulong[]> LoadOrCreate()
    {
        if (NfTablesQuery.ListChains(Socket, _table).Contains(_versionChain) && _sets.Load(Socket) is { } loaded)
        {
            return loaded;
        }

        Execute(batch =>
        {
            batch.ReplaceTable(_table).AddChain(_table, _versionChain);
            _sets.Define(batch);
            _define(batch, _sets);
        });
        return [];
    }

    private void Execute(Action<NfTablesBatch> encode)
    {
        _batch.Clear();
        encode(_batch);
        _batch.Execute(Socket);
    }
}
