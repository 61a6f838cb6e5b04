namespace SwarmNet.Overlay.Balancing;

/// <summary>
/// Fills a slot table: slot → target, every target as often as its weight asks, neighbours different, and as few slots
/// changed as possible against the table in force. A pure function of its arguments.
/// </summary>
/// <remarks>
/// The idea is Maglev's (a fixed table that a counter or hash indexes); the filling is incremental, since the table in force
/// is known: only slots of leaving targets and of targets above their quota change hands. A new target takes one slot out of
/// each of as many equal strata as it has slots, at a hashed place within the stratum: consecutive slots then name different
/// targets, without the regular pattern that a walk by twos would turn into always the same target.
/// </remarks>
internal static class SlotAssigner
{
    /// <summary>
    /// Computes the table for <paramref name="targets"/> (distinct ids, in any order) in place: <paramref name="slots"/> holds
    /// the table in force (0 = empty) and afterwards the new one. With no target of positive weight all slots become 0.
    /// </summary>
    public static void Assign(Span<ulong> slots, ReadOnlySpan<WeightedTarget> targets)
    {
        WeightedTarget[] active = Active(targets);
        if (active.Length == 0)
        {
            slots.Clear();
            return;
        }

        var index = new Dictionary<ulong, int>(active.Length);
        for (int i = 0; i < active.Length; i++)
        {
            index.Add(active[i].Id, i);
        }

        int[] owners = new int[slots.Length];
        int[] counts = new int[active.Length];
        int free = 0;
        for (int slot = 0; slot < slots.Length; slot++)
        {
            owners[slot] = index.GetValueOrDefault(slots[slot], -1);
            if (owners[slot] < 0)
            {
                free++;
            }
            else
            {
                counts[owners[slot]]++;
            }
        }

        if (free == slots.Length)
        {
            // A fresh table: as if the targets had come one after the other, which spreads each over the whole table.
            Array.Fill(owners, 0);
            counts[0] = slots.Length;
            free = 0;
        }

        if (free > 0)
        {
            Settle(owners, counts, active, Quotas(active, active.Length, counts, slots.Length));
        }
        else
        {
            for (int known = 1; known <= active.Length; known++)
            {
                if (known == active.Length || counts[known] == 0)
                {
                    Settle(owners, counts, active, Quotas(active, Math.Min(known + 1, active.Length), counts, slots.Length));
                }
            }
        }

        for (int slot = 0; slot < slots.Length; slot++)
        {
            slots[slot] = active[owners[slot]].Id;
        }
    }

    /// <summary>Targets with weight, those of the table's order stable: sorted by a hash so that ids near each other do not cluster.</summary>
    private static WeightedTarget[] Active(ReadOnlySpan<WeightedTarget> targets)
    {
        var active = new List<WeightedTarget>(targets.Length);
        foreach (WeightedTarget target in targets)
        {
            if (target.Weight > 0)
            {
                active.Add(target);
            }
        }

        active.Sort(static (a, b) => a.Id.CompareTo(b.Id));
        return [.. active];
    }

    /// <summary>
    /// Slots per target by largest remainder. Equal remainders go to who has more slots already, so that a tie moves nothing.
    /// Targets from <paramref name="known"/> on that hold no slot yet count as absent.
    /// </summary>
    private static int[] Quotas(WeightedTarget[] targets, int known, int[] counts, int slots)
    {
        long total = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            total += i < known || counts[i] > 0 ? targets[i].Weight : 0;
        }

        int[] quotas = new int[targets.Length];
        var order = new List<int>(targets.Length);
        int left = slots;
        for (int i = 0; i < targets.Length; i++)
        {
            if (i < known || counts[i] > 0)
            {
                quotas[i] = (int)((long)slots * targets[i].Weight / total);
                left -= quotas[i];
                order.Add(i);
            }
        }

        order.Sort((a, b) =>
        {
            long remainderA = (long)slots * targets[a].Weight % total;
            long remainderB = (long)slots * targets[b].Weight % total;
            int byRemainder = remainderB.CompareTo(remainderA);
            int byCount = byRemainder != 0 ? byRemainder : counts[b].CompareTo(counts[a]);
            return byCount != 0 ? byCount : a.CompareTo(b);
        });
        for (int i = 0; i < left; i++)
        {
            quotas[order[i]]++;
        }

        return quotas;
    }

    /// <summary>Moves slots that are free or above their owner's quota to the targets below theirs.</summary>
    private static void Settle(int[] owners, int[] counts, WeightedTarget[] targets, int[] quotas)
    {
        for (int receiver = 0; receiver < targets.Length; receiver++)
        {
            int wanted = quotas[receiver] - counts[receiver];
            for (int k = 0; k < wanted; k++)
            {
                // Stratum k of `wanted`, at a hashed place inside it: ((k + fraction) * slots) / wanted, fraction in 1/1024.
                ulong fraction = Mix(targets[receiver].Id + ((ulong)k << 48)) & 1023;
                int ideal = (int)(((((ulong)k << 10) + fraction) * (ulong)owners.Length / (ulong)wanted) >> 10);
                int slot = NearestAvailable(owners, counts, quotas, ideal);
                if (owners[slot] >= 0)
                {
                    counts[owners[slot]]--;
                }

                owners[slot] = receiver;
                counts[receiver]++;
            }
        }
    }

    private static int NearestAvailable(int[] owners, int[] counts, int[] quotas, int ideal)
    {
        for (int distance = 0; distance < owners.Length; distance++)
        {
            int after = (ideal + distance) % owners.Length;
            if (IsAvailable(after))
            {
                return after;
            }

            int before = (ideal - distance + owners.Length) % owners.Length;
            if (IsAvailable(before))
            {
                return before;
            }
        }

        // Quotas sum to the number of slots, so whoever is below its quota finds a slot.
        throw new InvalidOperationException("The slot quotas do not add up to the number of slots.");

        bool IsAvailable(int slot) => owners[slot] < 0 || counts[owners[slot]] > quotas[owners[slot]];
    }

    /// <summary>SplitMix64's finaliser.</summary>
    internal static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
