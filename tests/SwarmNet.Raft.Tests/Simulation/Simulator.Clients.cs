namespace SwarmNet.Raft.Tests;

// Clients write and read registers; what they saw must be linearizable.
internal sealed partial class Simulator
{
    private const int OperationsPerKey = 100;
    private const int Registers = 3;
    private const long RequestMicroseconds = 300;

    private readonly List<Operation>[] _histories = new List<Operation>[Registers];
    private readonly int[] _keys = new int[Registers];
    private long _order;
    private int _nextKey;
    private int _nextValue;
    private ulong _lastLeader = 1;

    private void StartClients()
    {
        for (int i = 0; i < Registers; i++)
        {
            NewKey(i);
        }

        for (int clients = Pick(2, 4, 4, 8); clients > 0; clients--)
        {
            NextOperation();
        }
    }

    private void NewKey(int register)
    {
        _keys[register] = _nextKey++;
        _histories[register] = [];
    }

    private void NextOperation() => _events.After(Between(2000, Second / 3), () =>
    {
        int register = _random.Next(Registers);
        if (_histories[register].Count >= OperationsPerKey)
        {
            CheckHistory(_histories[register]);
            NewKey(register);
        }

        bool isWrite = Chance(0.5);
        int id = isWrite && Chance(0.8) ? (int)_lastLeader : _random.Next(1, _nodes.Length);
        Call(_histories[register], new Operation { Key = _keys[register], IsWrite = isWrite, Called = ++_order }, id, NextOperation);
    });

    // The adversary's own client: one operation at a node of its choice.
    private void CallAt(SimulatedNode node, bool isWrite)
    {
        if (_histories[0].Count < OperationsPerKey)
        {
            Call(_histories[0], new Operation { Key = _keys[0], IsWrite = isWrite, Called = ++_order }, (int)node.Id, () => { });
        }
    }

    private void Call(List<Operation> history, Operation operation, int id, Action next)
    {
        history.Add(operation);
        operation.Value = operation.IsWrite ? ++_nextValue : 0;
        bool open = true;
        if (_nodes[id] is not { Core: not null } node)
        {
            Finish(OperationEnd.Refused);
            return;
        }

        _events.After(RequestMicroseconds, () => Input(node, core => Take(node, core)));
        _events.After(Between(Second, 5 * Second), () => Finish(operation.IsWrite ? OperationEnd.Unknown : OperationEnd.Refused));

        void Take(SimulatedNode at, RaftCore core)
        {
            if (!open)
            {
                // Given up while it waited in the queue; a real server would take it all the same.
                if (operation.IsWrite)
                {
                    core.Propose(KeyValueMachine.Command(operation.Key, operation.Value), out _);
                }
            }
            else if (operation.IsWrite)
            {
                ProposeStatus status = core.Propose(KeyValueMachine.Command(operation.Key, operation.Value), out ulong index);
                if (status != ProposeStatus.Accepted)
                {
                    _lastLeader = core.LeaderId != 0 ? core.LeaderId : _lastLeader;
                    Finish(OperationEnd.Refused);
                    return;
                }

                _lastLeader = at.Id;
                at.Proposals[index] = (core.Term, applied => Answer(applied ? OperationEnd.Done : OperationEnd.Refused));
            }
            else if (core.TryReadIndex(out ulong read))
            {
                at.Reads[read] = index =>
                {
                    at.WaitingReads.Add((index, () =>
                    {
                        operation.Value = open ? at.Machine[operation.Key] : operation.Value;
                        Answer(OperationEnd.Done);
                    }
                    ));
                    ServeReads(at);
                };
            }
            else
            {
                Finish(OperationEnd.Refused);
            }
        }

        void Answer(OperationEnd end) => _events.After(RequestMicroseconds, () => Finish(end));

        void Finish(OperationEnd end)
        {
            if (!open)
            {
                return;
            }

            open = false;
            if (end == OperationEnd.Refused)
            {
                history.Remove(operation);
            }
            else if (end == OperationEnd.Done)
            {
                operation.Returned = ++_order;
                OperationsDone++;
            }

            next();
        }
    }

    private void CheckHistories()
    {
        foreach (List<Operation> history in _histories)
        {
            CheckHistory(history);
        }
    }

    private void CheckHistory(List<Operation> history)
    {
        // A read that has not returned says nothing; a write of unknown outcome that nobody read can always be placed last. Values are written
        // once: one that was read took effect before that read returned.
        Dictionary<int, long> read = [];
        foreach (Operation operation in history)
        {
            if (!operation.IsWrite && operation.Returned != Operation.Never)
            {
                read[operation.Value] = Math.Min(operation.Returned, read.GetValueOrDefault(operation.Value, Operation.Never));
            }
        }

        List<Operation> counted = [];
        foreach (Operation operation in history)
        {
            if (operation.Returned != Operation.Never)
            {
                counted.Add(operation);
            }
            else if (operation.IsWrite && read.TryGetValue(operation.Value, out long returned))
            {
                counted.Add(new Operation { Key = operation.Key, IsWrite = true, Value = operation.Value, Called = operation.Called, Returned = returned });
            }
        }

        if (!LinearizabilityChecker.IsLinearizable(counted, out bool givenUp))
        {
            throw new SimulationFailure("linearizability", string.Join("\n", counted));
        }

        HistoriesGivenUp += givenUp ? 1 : 0;
    }

    private enum OperationEnd
    {
        Done,
        Refused,
        Unknown,
    }
}
