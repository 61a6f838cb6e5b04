using System.Runtime.InteropServices;
using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.NfTables;

namespace SwarmNet.Overlay.Balancing;

/// <summary>Reads back what <see cref="BalanceSets"/> writes.</summary>
internal sealed class BalanceReader(NetlinkSocket socket, NfTable table, FrontendCodec codec, BalanceSets sets)
{
    /// <summary>
    /// What is in force, by frontend; null when the table is not there, or holds something that we never make
    /// (then it must be made anew).
    /// </summary>
    public Dictionary<ulong, FrontendState>? Load()
    {
        try
        {
            var states = new Dictionary<ulong, FrontendState>();
            foreach (NfElement element in List(BalanceSets.Frontends))
            {
                states[FrontendOf(element)] = FrontendState.Empty; // a set that the kernel makes room in lists some elements twice
            }

            return LoadTiers(states) && LoadSlots(states) && LoadTimeouts(states) && LoadDrained(states) ? states : null;
        }
        catch (NetlinkException e) when (e.Errno == Errno.ENOENT)
        {
            return null;
        }
    }

    /// <summary>Forgets the clients of targets that take no new flows any more.</summary>
    public void ForgetClients(IReadOnlyCollection<(ulong Frontend, ulong Target)> leaving)
    {
        if (leaving.Count == 0)
        {
            return;
        }

        const int Attempts = 10;
        for (int attempt = 1; ; attempt++)
        {
            var batch = new NfTablesBatch();
            NfElements elements = batch.DeleteElements(table, BalanceSets.Sticky);
            foreach (NfElement element in NfTablesQuery.ListElements(socket, table, BalanceSets.Sticky))
            {
                ulong target = codec.ReadTarget(element.Data.Span);
                if (IsLeaving(element.Key.Span, target))
                {
                    elements.Key(element.Key.Span);
                }
            }

            elements.End();
            try
            {
                batch.Execute(socket);
                return;
            }
            catch (NetlinkException e) when (e.Errno == Errno.ENOENT && attempt < Attempts)
            {
                // One of them was forgotten meanwhile.
            }
        }

        bool IsLeaving(ReadOnlySpan<byte> key, ulong target)
        {
            foreach ((ulong frontend, ulong left) in leaving)
            {
                // Of a range the target's port is that of the packet.
                bool isSame = codec.IsRange(codec.WayOf(frontend)) ? left >> 16 == target >> 16 : left == target;
                if (isSame && codec.Covers(frontend, key))
                {
                    return true;
                }
            }

            return false;
        }
    }

    private bool LoadTiers(Dictionary<ulong, FrontendState> states)
    {
        foreach (NfElement element in List(BalanceSets.Tiers))
        {
            ulong frontend = FrontendOf(element);
            if (sets.Rules.WalkOf(element.Chain, codec.WayOf(frontend)) is not { } walk || !states.ContainsKey(frontend))
            {
                return false;
            }

            states[frontend] = new FrontendState(walk, new ulong[SlotTier.All[walk.Tier].Size], []);
        }

        // The other half of a walk with memory.
        int remembering = 0;
        foreach (NfElement element in List(BalanceSets.Remember))
        {
            ulong frontend = FrontendOf(element);
            if (!states.TryGetValue(frontend, out FrontendState? state) || state.Walk.StickySeconds == 0
                || element.Chain != sets.Rules.NameOfRemember(codec.WayOf(frontend), state.Walk.StickySeconds))
            {
                return false;
            }

            remembering++;
        }

        return remembering == states.Values.Count(static state => state.Walk.StickySeconds > 0);
    }

    private bool LoadSlots(Dictionary<ulong, FrontendState> states)
    {
        foreach (NfElement element in List(BalanceSets.Slots))
        {
            int slot = MemoryMarshal.Read<int>(element.Key.Span[codec.FrontendLength..]);
            if (!states.TryGetValue(FrontendOf(element), out FrontendState? state) || (uint)slot >= (uint)state.Slots.Length)
            {
                return false;
            }

            state.Slots[slot] = codec.ReadTarget(element.Data.Span);
        }

        return true;
    }

    private bool LoadTimeouts(Dictionary<ulong, FrontendState> states)
    {
        foreach (NfElement element in List(BalanceSets.Timeouts))
        {
            ulong frontend = FrontendOf(element);
            if (BalanceRules.TimeoutsOf(element.Chain) is not { } timeouts || !states.TryGetValue(frontend, out FrontendState? state))
            {
                return false;
            }

            states[frontend] = state with { Timeouts = timeouts };
        }

        return true;
    }

    private bool LoadDrained(Dictionary<ulong, FrontendState> states)
    {
        foreach (IGrouping<ulong, NfElement> drained in List(BalanceSets.Drained).GroupBy(FrontendOf))
        {
            if (!states.TryGetValue(drained.Key, out FrontendState? state))
            {
                return false;
            }

            states[drained.Key] = state with { Drained = [.. drained.Select(element => codec.ReadTarget(element.Key.Span[codec.FrontendLength..])).Order()] };
        }

        return true;
    }

    private IEnumerable<NfElement> List(string set)
    {
        IEnumerable<NfElement> single = NfTablesQuery.ListElements(socket, table, set);
        return sets.HasRanges ? single.Concat(NfTablesQuery.ListElements(socket, table, BalanceSets.NameOf(set, ofRanges: true))) : single;
    }

    private ulong FrontendOf(NfElement element) => codec.ReadFrontend(element.Key.Span, element.KeyEnd.IsEmpty ? element.Key.Span : element.KeyEnd.Span);
}
