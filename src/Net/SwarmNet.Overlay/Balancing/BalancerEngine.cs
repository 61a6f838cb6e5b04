using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.NfTables;
using SwarmNet.Overlay.Repairs;

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
    private Dictionary<ulong, FrontendState>? _current;

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
    public IReadOnlyDictionary<ulong, FrontendState> Current => _current ?? [];

    /// <summary>
    /// Brings the kernel, in one transaction, to targets per frontend; null = the frontend goes. Frontends that are not named stay, or go with
    /// <paramref name="isComplete"/>. Returns what that was.
    /// </summary>
    public BalancePlan Apply(Dictionary<ulong, WantedFrontend?> wanted, bool isComplete)
    {
        Dictionary<ulong, FrontendState> current = _current ?? LoadOrCreate();
        if (isComplete)
        {
            foreach (ulong frontend in current.Keys)
            {
                wanted.TryAdd(frontend, null);
            }
        }

        BalancePlan plan = BalancePlanner.Plan(current, wanted);
        _current = null; // unknown until the kernel has said yes
        Execute(batch => _sets.Append(batch, plan));
        foreach ((ulong frontend, FrontendState? state) in plan.Result)
        {
            if (state is null)
            {
                current.Remove(frontend);
            }
            else
            {
                current[frontend] = state;
            }
        }

        _current = current;
        return plan;
    }

    /// <summary>Whether the state of the kernel is known, so that <see cref="Apply"/> may be given a part.</summary>
    public bool IsKnown => _current is not null;

    /// <summary>Runs other changes to the table; it exists then.</summary>
    public void Change(Action<NfTablesBatch> change)
    {
        _current ??= LoadOrCreate();
        Execute(change);
    }

    /// <summary>
    /// Compares the kernel with what was last applied, or with what was found by the first <see cref="Change"/>, and puts right what differs.
    /// </summary>
    public IReadOnlyList<Repair> Repair()
    {
        if (_current is not { } wanted)
        {
            return [];
        }

        var repairs = new List<Repair>();
        bool isWhole = NfTablesQuery.ListChains(Socket, _table).Contains(_versionChain);
        Dictionary<ulong, FrontendState>? found = isWhole ? _sets.Load(Socket) : null;
        if (found is null)
        {
            repairs.Add(new Repair($"table {_table.Name}", isWhole ? "held what is not ours" : "was missing or altered"));
            BalancePlan all = BalancePlanner.Diff(new Dictionary<ulong, FrontendState>(), wanted);
            Execute(batch =>
            {
                Create(batch);
                _sets.Append(batch, all);
            });
            return repairs;
        }

        BalancePlan plan = BalancePlanner.Diff(found, wanted);
        if (!plan.IsEmpty)
        {
            repairs.Add(new Repair($"table {_table.Name}", $"differed in {plan.Count} elements"));
            Execute(batch => _sets.Append(batch, plan));
        }

        return repairs;
    }

    /// <summary>Removes the table. Absence is not an error.</summary>
    public void Delete()
    {
        _current = null;
        Execute(batch => batch.AddTable(_table).DeleteTable(_table));
    }

    public void Dispose() => Socket.Dispose();

    private Dictionary<ulong, FrontendState> LoadOrCreate()
    {
        if (NfTablesQuery.ListChains(Socket, _table).Contains(_versionChain) && _sets.Load(Socket) is { } loaded)
        {
            return loaded;
        }

        Execute(Create);
        return [];
    }

    private void Create(NfTablesBatch batch)
    {
        batch.ReplaceTable(_table).AddChain(_table, _versionChain);
        _sets.Define(batch);
        _define(batch, _sets);
    }

    private void Execute(Action<NfTablesBatch> encode)
    {
        _batch.Clear();
        encode(_batch);
        _batch.Execute(Socket);
    }
}
