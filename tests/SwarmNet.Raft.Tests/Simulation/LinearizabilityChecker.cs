namespace SwarmNet.Raft.Tests;

/// <summary>
/// Is there an order of the operations on one register, in keeping with the real times of calls and returns, in which each read sees the last
/// write? The search of Wing and Gong with Lowe's memory of configurations that lead nowhere.
/// </summary>
internal static class LinearizabilityChecker
{
    public const int MaxOperations = 128;
    private const int MaxConfigurations = 1_000_000;

    /// <summary>False: no such order. True also when the search is given up, which <paramref name="givenUp"/> tells.</summary>
    public static bool IsLinearizable(IReadOnlyList<Operation> operations, out bool givenUp)
    {
        givenUp = false;
        Event head = Link(operations);
        HashSet<(UInt128 Done, int Value)> seen = [];
        Stack<(Event Call, int Value)> path = new();
        UInt128 done = 0;
        int value = 0;
        Event? at = head.Next;
        while (head.Next is not null)
        {
            if (at!.Return is null)
            {
                // The return of an operation that is not placed yet: too late to place it. Go back.
                if (!path.TryPop(out (Event Call, int Value) last))
                {
                    return false;
                }

                value = last.Value;
                done &= ~(UInt128.One << last.Call.Operation);
                last.Call.Unlift();
                at = last.Call.Next;
                continue;
            }

            Operation operation = operations[at.Operation];
            int after = operation.IsWrite ? operation.Value : value;
            UInt128 with = done | (UInt128.One << at.Operation);
            if ((operation.IsWrite || operation.Value == value) && seen.Add((with, after)))
            {
                if (seen.Count > MaxConfigurations)
                {
                    givenUp = true;
                    return true;
                }

                path.Push((at, value));
                value = after;
                done = with;
                at.Lift();
                at = head.Next;
            }
            else
            {
                at = at.Next;
            }
        }

        return true;
    }

    private static Event Link(IReadOnlyList<Operation> operations)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(operations.Count, MaxOperations);
        List<(long Time, Event Event)> events = [];
        for (int i = 0; i < operations.Count; i++)
        {
            Event returned = new() { Operation = i };
            events.Add((operations[i].Called, new Event { Operation = i, Return = returned }));
            events.Add((operations[i].Returned, returned));
        }

        // Stable, and calls come before returns that never come.
        Event head = new();
        Event previous = head;
        foreach ((_, Event next) in events.OrderBy(e => e.Time))
        {
            previous.Next = next;
            next.Previous = previous;
            previous = next;
        }

        return head;
    }

    private sealed class Event
    {
        public int Operation { get; init; }

        /// <summary>Of a call: its return.</summary>
        public Event? Return { get; init; }

        public Event? Previous { get; set; }

        public Event? Next { get; set; }

        public void Lift()
        {
            Unlink();
            Return!.Unlink();
        }

        public void Unlift()
        {
            Return!.Relink();
            Relink();
        }

        private void Unlink()
        {
            Previous!.Next = Next;
            Next?.Previous = Previous;
        }

        private void Relink()
        {
            Previous!.Next = this;
            Next?.Previous = this;
        }
    }
}
