using System.Runtime.InteropServices;
using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.NfTables;

namespace SwarmNet.Overlay.Balancing;

/// <summary>
/// The sets and chains by which one nf_tables table balances, whatever its frontends are: constant in number, all data.
/// <code>
///   set frontends { frontend }                       all of them, also those without targets
///   map tiers     { frontend : goto tier_N }         N = slots of the frontend's table
///   map slots     { frontend . slot : target }
///   chain tier_N  { dnat to frontend . numgen inc mod N map @slots }
/// </code>
/// </summary>
internal sealed class BalanceSets(NfTable table, FrontendCodec codec)
{
    public const string Frontends = "frontends";
    public const string Tiers = "tiers";
    public const string Slots = "slots";

    private static readonly string[] _tierChains = [.. SlotTier.Sizes.ToArray().Select(static size => $"tier_{size}")];

    /// <summary>Names of the tier chains, in the order of <see cref="SlotTier.Sizes"/>.</summary>
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
            .AddSet(table, new NfSet { Name = Slots, Key = codec.Slot, Data = codec.Target });
    }

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
    /// The slot tables that are in force, by frontend; null when the table is not there, or holds something that
    /// <see cref="Append"/> never makes (then it must be made anew).
    /// </summary>
    public Dictionary<ulong, ulong[]>? Load(NetlinkSocket socket)
    {
        try
        {
            var tables = new Dictionary<ulong, ulong[]>();
            foreach (NfElement element in NfTablesQuery.ListElements(socket, table, Frontends))
            {
                tables.Add(codec.ReadFrontend(element.Key.Span), []);
            }

            foreach (NfElement element in NfTablesQuery.ListElements(socket, table, Tiers))
            {
                ulong frontend = codec.ReadFrontend(element.Key.Span);
                int tier = Array.IndexOf(_tierChains, element.Chain);
                if (tier < 0 || !tables.ContainsKey(frontend))
                {
                    return null;
                }

                tables[frontend] = new ulong[SlotTier.Sizes[tier]];
            }

            foreach (NfElement element in NfTablesQuery.ListElements(socket, table, Slots))
            {
                int slot = MemoryMarshal.Read<int>(element.Key.Span[codec.FrontendLength..]);
                if (!tables.TryGetValue(codec.ReadFrontend(element.Key.Span), out ulong[]? slots) || (uint)slot >= (uint)slots.Length)
                {
                    return null;
                }

                slots[slot] = codec.ReadTarget(element.Data.Span);
            }

            return tables;
        }
        catch (NetlinkException e) when (e.Errno == Errno.ENOENT)
        {
            return null;
        }
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
}
