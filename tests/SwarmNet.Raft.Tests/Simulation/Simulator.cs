namespace SwarmNet.Raft.Tests;

/// <summary>
/// A cluster of cores in one thread and virtual time, under a seeded adversary. Everything follows from the seed. The properties are checked
/// after every step of every node; histories of clients when a register is full and at the end.
/// </summary>
internal sealed partial class Simulator
{
    private const long Second = 1_000_000;
    private const int Spares = 3;

    private readonly SimulationOptions _options;
    private readonly Random _random;
    private readonly EventQueue _events = new();
    private readonly SafetyChecker _checker;
    private readonly SimulatedNode?[] _nodes;
    private readonly int _electionTicks;
    private readonly RaftMembership _first;
    private bool _faulty = true;

    public Simulator(SimulationOptions options)
    {
        _options = options;
        _random = new Random(options.Seed);
        int voters = options.Voters > 0 ? options.Voters : Pick(1, 2, 3, 3, 3, 4, 5, 5, 5, 6, 7);
        _first = new RaftMembership(Enumerable.Range(1, voters).Select(i => (ulong)i));
        _checker = new SafetyChecker(_first);
        _nodes = new SimulatedNode?[voters + Spares + 1];
        _cut = new bool[_nodes.Length, _nodes.Length];
        _electionTicks = Pick(4, 6, 10);
        for (int id = 1; id <= voters; id++)
        {
            _nodes[id] = new SimulatedNode((ulong)id, _first);
            Start(_nodes[id]!);
        }

        StartClients();
        StartNemesis();
    }

    public TimeSpan VirtualTime => TimeSpan.FromMicroseconds(_events.Now);

    public ulong Committed => _checker.Committed;

    public int Elections => _checker.Elections;

    public int OperationsDone { get; private set; }

    public int HistoriesGivenUp { get; private set; }

    private IEnumerable<SimulatedNode> Running => _nodes.OfType<SimulatedNode>().Where(node => node.Core is not null);

    private SimulatedNode? Leader => Running.Where(node => node.Core!.Role == RaftRole.Leader && !node.IsPaused).MaxBy(node => node.Core!.Term);

    /// <summary>Runs it whole.</summary>
    /// <exception cref="SimulationFailure">A property did not hold.</exception>
    public void Run()
    {
        long end = _options.FaultTime > TimeSpan.Zero ? (long)_options.FaultTime.TotalMicroseconds : Pick(15, 60, 60, 60, 200) * Second;
        while (_events.Now < end)
        {
            _events.RunOne();
        }

        Heal();
        CheckLiveness();
        CheckHistories();
    }

    private void Heal()
    {
        _faulty = false;
        Array.Clear(_cut);
        _loss = _duplication = 0;
        _latencyMicroseconds = 1000;
        foreach (SimulatedNode node in _nodes.OfType<SimulatedNode>())
        {
            node.DiskMicroseconds = 500;
            if (node.Core is null)
            {
                Start(node);
            }

            Resume(node);
        }
    }

    // With the faults over: one leader, the change of membership finished, every member has everything, clients get answers.
    private void CheckLiveness()
    {
        ulong goal = _checker.Committed + 1;
        int operations = OperationsDone + 5;
        long deadline = _events.Now + (120 * Second);
        while (!IsCaughtUp(goal) || OperationsDone < operations)
        {
            if (_events.Now > deadline)
            {
                throw new SimulationFailure("liveness", "no progress in two minutes without faults: " + string.Join("; ", _nodes.OfType<SimulatedNode>().Select(n =>
                    $"{n.Id}{(n.IsPaused ? " paused" : "")} {n.Core?.Role} term {n.Core?.Term} commit {n.Core?.CommitIndex} last {n.Core?.LastIndex} applied {n.Machine.Applied} snapshot {n.Disk.Snapshot.Index}, {n.Core?.Membership}{Progress(n)}")));
            }

            _events.RunOne();
        }
    }

    private bool IsCaughtUp(ulong goal)
    {
        if (Leader is not { } leader || leader.Core!.Membership.IsJoint || !leader.Core.Membership.IsVoter(leader.Id))
        {
            return false;
        }

        foreach (SimulatedNode? node in _nodes)
        {
            if (node is not null && leader.Core.Membership.Contains(node.Id) && node.Machine.Applied < goal)
            {
                return false;
            }
        }

        return true;
    }

    private static string Progress(SimulatedNode node)
    {
        List<RaftPeerProgress> progress = [];
        node.Core?.CopyProgress(progress);
        return string.Concat(progress.Select(p => $" [{p}]"));
    }

    private int Pick(params ReadOnlySpan<int> values) => values[_random.Next(values.Length)];

    private bool Chance(double probability) => _random.NextDouble() < probability;

    // Log-uniform: short and long ones are both common.
    private long Between(long least, long most) => (long)(least * Math.Pow((double)most / least, _random.NextDouble()));
}
