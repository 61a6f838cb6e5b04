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
    private readonly BalanceReader _reader;
    private readonly string _versionChain;
    private readonly Action<NfTablesBatch, BalanceSets> _define;
    private readonly NfTablesBatch _batch = new(16 * 1024);
    private Dictionary<ulong, FrontendState>? _current;
    private bool _remembersClients;

    public BalancerEngine(
        NetworkNamespace? ns, NfTable table, FrontendCodec codec, string versionChain, Action<NfTablesBatch, BalanceSets> define)
    {
        _table = table;
        _sets = new BalanceSets(table, codec);
        _versionChain = versionChain;
        _define = define;
        Socket = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, ns);
        _reader = new BalanceReader(Socket, table, codec, _sets);
    }

    public NetlinkSocket Socket { get; }

    /// <summary>What was last known to be in force.</summary>
    public IReadOnlyDictionary<ulong, FrontendState> Current => _current ?? [];

    /// <summary>Whether the state of the kernel is known, so that <see cref="Apply"/> may be given a part.</summary>
    public bool IsKnown => _current is not null;

    /// <summary>Makes the table unless it is there, and learns what is in force.</summary>
    public void Prepare() => _current ??= LoadOrCreate();

    /// <summary>
    /// Brings the kernel, in one transaction, to targets per frontend; null = the frontend goes. Frontends that are not named stay, or go with
    /// <paramref name="isComplete"/>. Returns what that was.
    /// </summary>
    /// <param name="wanted">The frontends.</param>
    /// <param name="isComplete">There shall be no others.</param>
    /// <param name="more">Encodes other changes into the same transaction.</param>
    public BalancePlan Apply(Dictionary<ulong, WantedFrontend?> wanted, bool isComplete, Action<NfTablesBatch>? more = null)
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
        Execute(batch =>
        {
            _sets.Append(batch, plan);
            more?.Invoke(batch);
        });
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
        if (_remembersClients |= plan.AddedTiers.Exists(static added => added.Walk.StickySeconds > 0))
        {
            _reader.ForgetClients(plan.LeavingTargets);
        }

        return plan;
    }

    /// <summary>Compares the kernel with what was last in force, and puts right what differs.</summary>
    /// <param name="inspectOnly">Change nothing.</param>
    /// <param name="restore">Encodes what else the owner keeps in the table.</param>
    public List<Repair> Repair(bool inspectOnly, Action<NfTablesBatch>? restore = null)
    {
        if (_current is not { } wanted)
        {
            return [];
        }

        _batch.Clear();
        Create(_batch);
        _sets.Append(_batch, BalancePlanner.Diff(new Dictionary<ulong, FrontendState>(), wanted));
        restore?.Invoke(_batch);
        var repair = new TableRepair(_table, _sets.IsOfNoAccount);
        List<NfDifference> differences = repair.Compare(Socket, _batch);
        if (differences.Count > 0 && !inspectOnly)
        {
            PutRight(differences, wanted);
        }

        return repair.Describe(differences);
    }

    /// <summary>Removes the table. Absence is not an error.</summary>
    public void Delete()
    {
        _current = null;
        Execute(batch => batch.AddTable(_table).DeleteTable(_table));
    }

    public void Dispose() => Socket.Dispose();

    /// <summary>The batch holds the whole table as it is wanted.</summary>
    private void PutRight(List<NfDifference> differences, Dictionary<ulong, FrontendState> wanted)
    {
        // Elements alone are put right one by one, so that clients that are remembered stay so; anything else is made anew, in one transaction: packets see the
        // old table or the new one.
        if (differences.TrueForAll(static difference => difference.Object == NfObjectKind.Element) && _reader.Load() is { } found)
        {
            BalancePlan plan = BalancePlanner.Diff(found, wanted);
            Execute(batch => _sets.Append(batch, plan));
        }
        else
        {
            try
            {
                _batch.Execute(Socket);
            }
            catch
            {
                _sets.ForgetChains();
                throw;
            }
        }
    }

    private Dictionary<ulong, FrontendState> LoadOrCreate()
    {
        if (NfTablesQuery.ListChains(Socket, _table).Contains(_versionChain) && _reader.Load() is { } loaded)
        {
            _remembersClients = loaded.Values.Any(static state => state.Walk.StickySeconds > 0);
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
        try
        {
            encode(_batch);
            _batch.Execute(Socket);
        }
        catch
        {
            _sets.ForgetChains();
            throw;
        }
    }
}
