using System.Runtime.InteropServices;
using SwarmNet.Netlink.NfTables;

namespace SwarmNet.Overlay.Balancing;

/// <summary>
/// The sets and chains by which one nf_tables table balances, whatever its frontends are: constant in number, all data.
/// <code>
///   set frontends { frontend }                       all of them, also those without targets
///   map tiers     { frontend : goto tier_N }         N = slots of the frontend's table; hash_N for client affinity
///   map slots     { frontend . slot : target }
///   map timeouts  { frontend : jump timeouts_T_U }   seconds of TCP and UDP flows
///   map remember  { frontend : jump remember_S }     clients are remembered for S seconds
///   map sticky    { frontend . client : target }     filled by the rules of remember_S
///   set drained   { frontend . target }              for the next process: who still has flows
///   chain tier_N  { dnat to frontend . numgen inc mod N map @slots }
///   chain hash_N  { dnat to frontend . jhash ip saddr mod N map @slots }
/// </code>
/// Frontends that are ranges lie in interval sets of the same shape, <c>range_frontends</c> and so on.
/// </summary>
internal sealed class BalanceSets(NfTable table, FrontendCodec codec)
{
    public const string Frontends = "frontends";
    public const string Tiers = "tiers";
    public const string Slots = "slots";
    public const string Timeouts = "timeouts";
    public const string Remember = "remember";
    public const string Drained = "drained";
    public const string Sticky = "sticky";

    private const int MaxKeyLength = 32;
    private const int MaxStickyClients = 65_536;

    private static readonly Dictionary<string, string> _ofRanges =
        new[] { Frontends, Tiers, Slots, Timeouts, Remember, Drained }.ToDictionary(static name => name, static name => "range_" + name);

    private readonly BalanceRules _rules = new(table, codec);
    private readonly HashSet<string> _made = new(StringComparer.Ordinal);

    /// <summary>The chains.</summary>
    public BalanceRules Rules => _rules;

    /// <summary>Whether there are sets of ranges.</summary>
    public bool HasRanges { get; } = Enumerable.Range(0, codec.Ways.Count).Any(codec.IsRange);

    /// <summary>Name of a set, of single frontends or of ranges.</summary>
    public static string NameOf(string set, bool ofRanges) => ofRanges ? _ofRanges[set] : set;

    /// <summary>Adds sets, tier chains and their rules to a transaction that makes the table.</summary>
    public void Define(NfTablesBatch batch)
    {
        _made.Clear();
        foreach ((int way, SlotWalk walk) in _rules.Standing())
        {
            batch.AddChain(table, _rules.NameOf(way, walk));
        }

        foreach (bool ofRanges in (ReadOnlySpan<bool>)[false, true])
        {
            if (!ofRanges || HasRanges)
            {
                Add(Frontends, codec.Frontend, null, codec.FrontendParts);
                Add(Tiers, codec.Frontend, NfType.Verdict, codec.FrontendParts);
                Add(Slots, codec.Slot, codec.Target, [.. codec.FrontendParts, 4]);
                Add(Timeouts, codec.Frontend, NfType.Verdict, codec.FrontendParts);
                Add(Remember, codec.Frontend, NfType.Verdict, codec.FrontendParts);
                Add(Drained, codec.Pair, null, [.. codec.FrontendParts, .. codec.TargetParts]);
            }

            void Add(string name, NfType key, NfType? data, IReadOnlyList<int> parts) => batch.AddSet(table, new NfSet
            {
                Name = NameOf(name, ofRanges),
                Key = key,
                Data = data,
                Flags = ofRanges ? NfSetFlags.Interval : NfSetFlags.None,
                ConcatLengths = ofRanges ? parts : [],
            });
        }

        batch.AddSet(table, new NfSet
        {
            Name = Sticky,
            Key = codec.Client,
            Data = codec.Target,
            Flags = NfSetFlags.Timeout | NfSetFlags.Eval,
            Size = MaxStickyClients,
        });
        foreach ((int way, SlotWalk walk) in _rules.Standing())
        {
            _rules.Define(batch, way, walk);
        }
    }

    /// <summary>
    /// Whether a difference from the wanted table is none: clients that rules remember, and chains with a time in their names that nobody needs any more.
    /// </summary>
    public bool IsOfNoAccount(NfDifference difference) => difference.Kind == NfDifferenceKind.Unexpected && difference.Object switch
    {
        NfObjectKind.Element => difference.Name == Sticky,
        NfObjectKind.Chain or NfObjectKind.Object => _made.Contains(difference.Name) || BalanceRules.HasTime(difference.Name),
        _ => false,
    };

    /// <summary>A transaction failed: chains that it should have made are not there.</summary>
    public void ForgetChains() => _made.Clear();

    /// <summary>A rule that sends a packet with a frontend into the frontend's chain.</summary>
    public void AddDispatch(NfTablesBatch batch, string chain, string map, int way) =>
        codec.Load(batch.AddRule(table, chain), way).Lookup(NameOf(map, codec.IsRange(way)), NfRegister.R0, NfRegister.Verdict).End();

    /// <summary>A rule that sends the first packet of a flow, translated already, to be remembered.</summary>
    public void AddRemember(NfTablesBatch batch, string chain, int way) =>
        codec.LoadOriginal(batch.AddRule(table, chain), way).Lookup(NameOf(Remember, codec.IsRange(way)), NfRegister.R0, NfRegister.Verdict).End();

    /// <summary>Begins a rule that goes on for packets that have a frontend.</summary>
    public NfRule AddMembership(NfTablesBatch batch, string chain, int way) =>
        codec.Load(batch.AddRule(table, chain), way).InSet(NameOf(Frontends, codec.IsRange(way)), NfRegister.R0);

    /// <summary>Encodes a plan: everything that goes, then everything that comes.</summary>
    public void Append(NfTablesBatch batch, BalancePlan plan)
    {
        foreach (bool ofRanges in (ReadOnlySpan<bool>)[false, true])
        {
            if (!ofRanges || HasRanges)
            {
                AppendRemoved(batch, plan, ofRanges);
            }
        }

        MakeChains(batch, plan);
        foreach (bool ofRanges in (ReadOnlySpan<bool>)[false, true])
        {
            if (!ofRanges || HasRanges)
            {
                AppendAdded(batch, plan, ofRanges);
            }
        }
    }

    private void AppendRemoved(NfTablesBatch batch, BalancePlan plan, bool ofRanges)
    {
        NfElements tiers = batch.DeleteElements(table, NameOf(Tiers, ofRanges));
        foreach ((ulong frontend, SlotWalk _) in plan.RemovedTiers)
        {
            AddFrontend(ref tiers, frontend, ofRanges);
        }

        tiers.End();
        NfElements remember = batch.DeleteElements(table, NameOf(Remember, ofRanges));
        foreach ((ulong frontend, SlotWalk walk) in plan.RemovedTiers)
        {
            if (walk.StickySeconds > 0)
            {
                AddFrontend(ref remember, frontend, ofRanges);
            }
        }

        remember.End();
        NfElements timeouts = batch.DeleteElements(table, NameOf(Timeouts, ofRanges));
        foreach (ulong frontend in plan.RemovedTimeouts)
        {
            AddFrontend(ref timeouts, frontend, ofRanges);
        }

        timeouts.End();
        NfElements slots = batch.DeleteElements(table, NameOf(Slots, ofRanges));
        foreach (SlotChange change in plan.RemovedSlots)
        {
            AddSlot(ref slots, change, ofRanges, isAdded: false);
        }

        slots.End();
        NfElements drained = batch.DeleteElements(table, NameOf(Drained, ofRanges));
        foreach ((ulong frontend, ulong target) in plan.RemovedDrained)
        {
            AddPair(ref drained, frontend, target, ofRanges);
        }

        drained.End();
        NfElements frontends = batch.DeleteElements(table, NameOf(Frontends, ofRanges));
        foreach (ulong frontend in plan.RemovedFrontends)
        {
            AddFrontend(ref frontends, frontend, ofRanges);
        }

        frontends.End();
    }

    private void AppendAdded(NfTablesBatch batch, BalancePlan plan, bool ofRanges)
    {
        NfElements frontends = batch.AddElements(table, NameOf(Frontends, ofRanges));
        foreach (ulong frontend in plan.AddedFrontends)
        {
            AddFrontend(ref frontends, frontend, ofRanges);
        }

        frontends.End();
        NfElements drained = batch.AddElements(table, NameOf(Drained, ofRanges));
        foreach ((ulong frontend, ulong target) in plan.AddedDrained)
        {
            AddPair(ref drained, frontend, target, ofRanges);
        }

        drained.End();
        NfElements slots = batch.AddElements(table, NameOf(Slots, ofRanges));
        foreach (SlotChange change in plan.AddedSlots)
        {
            AddSlot(ref slots, change, ofRanges, isAdded: true);
        }

        slots.End();
        NfElements timeouts = batch.AddElements(table, NameOf(Timeouts, ofRanges));
        foreach ((ulong frontend, FlowSeconds seconds) in plan.AddedTimeouts)
        {
            AddFrontend(ref timeouts, frontend, ofRanges, NfVerdict.Jump, BalanceRules.NameOf(seconds));
        }

        timeouts.End();
        NfElements remember = batch.AddElements(table, NameOf(Remember, ofRanges));
        foreach ((ulong frontend, SlotWalk walk) in plan.AddedTiers)
        {
            if (walk.StickySeconds > 0)
            {
                AddFrontend(ref remember, frontend, ofRanges, NfVerdict.Jump, _rules.NameOfRemember(codec.WayOf(frontend), walk.StickySeconds));
            }
        }

        remember.End();
        NfElements tiers = batch.AddElements(table, NameOf(Tiers, ofRanges));
        foreach ((ulong frontend, SlotWalk walk) in plan.AddedTiers)
        {
            AddFrontend(ref tiers, frontend, ofRanges, NfVerdict.Goto, _rules.NameOf(codec.WayOf(frontend), walk));
        }

        tiers.End();
    }

    /// <summary>Chains with a time in their names come with their first user, and stay.</summary>
    private void MakeChains(NfTablesBatch batch, BalancePlan plan)
    {
        foreach ((ulong frontend, SlotWalk walk) in plan.AddedTiers)
        {
            int way = codec.WayOf(frontend);
            if (walk.StickySeconds == 0)
            {
                continue;
            }

            if (IsNew(batch, _rules.NameOf(way, walk)))
            {
                _rules.Define(batch, way, walk);
            }

            if (IsNew(batch, _rules.NameOfRemember(way, walk.StickySeconds)))
            {
                _rules.DefineRemember(batch, way, walk.StickySeconds);
            }
        }

        foreach ((ulong _, FlowSeconds timeouts) in plan.AddedTimeouts)
        {
            if (IsNew(batch, BalanceRules.NameOf(timeouts)))
            {
                _rules.Define(batch, timeouts);
            }
        }
    }

    /// <summary>Whether a chain is yet to be filled; it exists then. One of an earlier process is emptied.</summary>
    private bool IsNew(NfTablesBatch batch, string chain)
    {
        if (!_made.Add(chain))
        {
            return false;
        }

        batch.AddChain(table, chain).FlushChain(table, chain);
        return true;
    }

    private void AddFrontend(ref NfElements elements, ulong frontend, bool ofRanges, NfVerdict? verdict = null, string? chain = null)
    {
        if (codec.IsRange(codec.WayOf(frontend)) != ofRanges)
        {
            return;
        }

        Span<byte> first = stackalloc byte[MaxKeyLength];
        Span<byte> last = stackalloc byte[MaxKeyLength];
        codec.WriteFrontend(frontend, first);
        codec.WriteLast(frontend, last);
        elements.Element(new NfElementSpec
        {
            Key = first[..codec.FrontendLength],
            KeyEnd = ofRanges ? last[..codec.FrontendLength] : default,
            Verdict = verdict,
            Chain = chain,
        });
    }

    private void AddPair(ref NfElements elements, ulong frontend, ulong target, bool ofRanges)
    {
        if (codec.IsRange(codec.WayOf(frontend)) != ofRanges)
        {
            return;
        }

        Span<byte> first = stackalloc byte[MaxKeyLength];
        Span<byte> last = stackalloc byte[MaxKeyLength];
        int length = codec.FrontendLength + codec.TargetLength;
        codec.WriteFrontend(frontend, first);
        codec.WriteTarget(target, first[codec.FrontendLength..]);
        codec.WriteLast(frontend, last);
        codec.WriteTarget(target, last[codec.FrontendLength..]);
        elements.Element(new NfElementSpec { Key = first[..length], KeyEnd = ofRanges ? last[..length] : default });
    }

    private void AddSlot(ref NfElements elements, SlotChange change, bool ofRanges, bool isAdded)
    {
        if (codec.IsRange(codec.WayOf(change.Frontend)) != ofRanges)
        {
            return;
        }

        Span<byte> first = stackalloc byte[MaxKeyLength];
        Span<byte> last = stackalloc byte[MaxKeyLength];
        Span<byte> data = stackalloc byte[MaxKeyLength];
        int length = codec.FrontendLength + 4;
        codec.WriteFrontend(change.Frontend, first);
        codec.WriteLast(change.Frontend, last);
        MemoryMarshal.Write(first[codec.FrontendLength..], change.Slot);
        MemoryMarshal.Write(last[codec.FrontendLength..], change.Slot);
        codec.WriteTarget(change.Target, data);
        elements.Element(new NfElementSpec
        {
            Key = first[..length],
            KeyEnd = ofRanges ? last[..length] : default,
            Data = isAdded ? data[..codec.TargetLength] : default,
        });
    }
}
