using System.Runtime.InteropServices;
using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.NfTables;

namespace SwarmNet.Overlay.Balancing;

/// <summary>
/// The sets and chains by which one nf_tables table balances, whatever its frontends are: constant in number, all data.
/// <code>
///   set frontends { frontend }                       all of them, also those without targets
///   map tiers     { frontend : goto tier_N }         N = slots of the frontend's table; hash_N for client affinity
///   map slots     { frontend . slot : target }
///   set drained   { frontend . target }              for the next process: who still has flows
///   chain tier_N  { dnat to frontend . numgen inc mod N map @slots }
///   chain hash_N  { dnat to frontend . jhash ip saddr mod N map @slots }
/// </code>
/// </summary>
internal sealed class BalanceSets(NfTable table, FrontendCodec codec)
{
    public const string Frontends = "frontends";
    public const string Tiers = "tiers";
    public const string Slots = "slots";
    public const string Drained = "drained";

    // Any number; the same everywhere, so that a client's slot is the same on every host.
    private const uint HashSeed = 0x5377_4e65;

    private static readonly string[] _tierChains = [.. SlotTier.All.ToArray().Select(static tier => $"{(tier.IsHashed ? "hash" : "tier")}_{tier.Size}")];

    /// <summary>Names of the tier chains, in the order of <see cref="SlotTier.All"/>.</summary>
    public static IReadOnlyList<string> TierChains => _tierChains;

    /// <summary>Adds sets and empty tier chains to a transaction that makes the table.</summary>
    public void Define(NfTablesBatch batch)
    {
        foreach (string chain in _tierChains)
        {
            batch.AddChain(table, chain);
        }

        batch.AddSet(table, new NfSet { Name = Frontends, Key = codec.Frontend })
            .AddSet(table, new NfSet { Name = Tiers, Key = codec.Frontend, Data = NfType.Verdict })
            .AddSet(table, new NfSet { Name = Slots, Key = codec.Slot, Data = codec.Target })
            .AddSet(table, new NfSet { Name = Drained, Key = codec.Pair });
    }

    /// <summary>Loads a slot number, as the tier wants it chosen.</summary>
    public static NfRule ChooseSlot(NfRule rule, SlotTier tier, NfRegister to, NfRegister scratch) => tier.IsHashed
        ? rule.Ipv4Source(scratch).JenkinsHash(scratch, 4, to, (uint)tier.Size, HashSeed)
        : rule.NumberGenerator(to, (uint)tier.Size, random: false);

    /// <summary>Encodes a plan: everything that goes, then everything that comes.</summary>
    public void Append(NfTablesBatch batch, BalancePlan plan)
    {
        Span<byte> key = stackalloc byte[16];
        Span<byte> data = stackalloc byte[16];
        NfElements elements = batch.DeleteElements(table, Tiers);
        foreach ((ulong frontend, int _) in plan.RemovedTiers)
        {
            elements.Key(FrontendKey(frontend, key));
        }

        elements.End();
        elements = batch.DeleteElements(table, Slots);
        foreach (SlotChange change in plan.RemovedSlots)
        {
            elements.Key(SlotKey(change, key));
        }

        elements.End();
        elements = batch.DeleteElements(table, Drained);
        foreach ((ulong frontend, ulong target) in plan.RemovedDrained)
        {
            elements.Key(PairKey(frontend, target, key));
        }

        elements.End();
        elements = batch.DeleteElements(table, Frontends);
        foreach (ulong frontend in plan.RemovedFrontends)
        {
            elements.Key(FrontendKey(frontend, key));
        }

        elements.End();
        elements = batch.AddElements(table, Frontends);
        foreach (ulong frontend in plan.AddedFrontends)
        {
            elements.Key(FrontendKey(frontend, key));
        }

        elements.End();
        elements = batch.AddElements(table, Drained);
        foreach ((ulong frontend, ulong target) in plan.AddedDrained)
        {
            elements.Key(PairKey(frontend, target, key));
        }

        elements.End();
        elements = batch.AddElements(table, Slots);
        foreach (SlotChange change in plan.AddedSlots)
        {
            codec.WriteTarget(change.Target, data);
            elements.Pair(SlotKey(change, key), data[..codec.TargetLength]);
        }

        elements.End();
        elements = batch.AddElements(table, Tiers);
        foreach ((ulong frontend, int tier) in plan.AddedTiers)
        {
            elements.Verdict(FrontendKey(frontend, key), NfVerdict.Goto, _tierChains[tier]);
        }

        elements.End();
    }

    /// <summary>
    /// What is in force, by frontend; null when the table is not there, or holds something that <see cref="Append"/> never makes
    /// (then it must be made anew).
    /// </summary>
    public Dictionary<ulong, FrontendState>? Load(NetlinkSocket socket)
    {
        try
        {
            var states = new Dictionary<ulong, FrontendState>();
            foreach (NfElement element in NfTablesQuery.ListElements(socket, table, Frontends))
            {
                states.Add(codec.ReadFrontend(element.Key.Span), FrontendState.Empty);
            }

            return LoadTiers(socket, states) && LoadSlots(socket, states) && LoadDrained(socket, states) ? states : null;
        }
        catch (NetlinkException e) when (e.Errno == Errno.ENOENT)
        {
            return null;
        }
    }

    private bool LoadTiers(NetlinkSocket socket, Dictionary<ulong, FrontendState> states)
    {
        foreach (NfElement element in NfTablesQuery.ListElements(socket, table, Tiers))
        {
            ulong frontend = codec.ReadFrontend(element.Key.Span);
            int tier = Array.IndexOf(_tierChains, element.Chain);
            if (tier < 0 || !states.ContainsKey(frontend))
            {
                return false;
            }

            states[frontend] = new FrontendState(tier, new ulong[SlotTier.All[tier].Size], []);
        }

        return true;
    }

    private bool LoadSlots(NetlinkSocket socket, Dictionary<ulong, FrontendState> states)
    {
        foreach (NfElement element in NfTablesQuery.ListElements(socket, table, Slots))
        {
            int slot = MemoryMarshal.Read<int>(element.Key.Span[codec.FrontendLength..]);
            if (!states.TryGetValue(codec.ReadFrontend(element.Key.Span), out FrontendState? state) || (uint)slot >= (uint)state.Slots.Length)
            {
                return false;
            }

            state.Slots[slot] = codec.ReadTarget(element.Data.Span);
        }

        return true;
    }

    private bool LoadDrained(NetlinkSocket socket, Dictionary<ulong, FrontendState> states)
    {
        foreach (IGrouping<ulong, NfElement> drained in NfTablesQuery.ListElements(socket, table, Drained).GroupBy(element => codec.ReadFrontend(element.Key.Span)))
        {
            if (!states.TryGetValue(drained.Key, out FrontendState? state))
            {
                return false;
            }

            states[drained.Key] = state with { Drained = [.. drained.Select(element => codec.ReadTarget(element.Key.Span[codec.FrontendLength..])).Order()] };
        }

        return true;
    }

    private ReadOnlySpan<byte> FrontendKey(ulong frontend, Span<byte> buffer)
    {
        codec.WriteFrontend(frontend, buffer);
        return buffer[..codec.FrontendLength];
    }

    private ReadOnlySpan<byte> SlotKey(SlotChange change, Span<byte> buffer)
    {
        codec.WriteFrontend(change.Frontend, buffer);
        MemoryMarshal.Write(buffer[codec.FrontendLength..], change.Slot);
        return buffer[..(codec.FrontendLength + 4)];
    }

    private ReadOnlySpan<byte> PairKey(ulong frontend, ulong target, Span<byte> buffer)
    {
        codec.WriteFrontend(frontend, buffer);
        codec.WriteTarget(target, buffer[codec.FrontendLength..]);
        return buffer[..(codec.FrontendLength + codec.TargetLength)];
    }
}
