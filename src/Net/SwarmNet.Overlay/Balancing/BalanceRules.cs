using System.Globalization;
using SwarmNet.Netlink.NfTables;

namespace SwarmNet.Overlay.Balancing;

/// <summary>
/// The chains that verdict maps lead to: one per way of finding the frontend, size of table and manner of choosing a slot; and one per set of timeouts.
/// Those with a time in their name are made when first needed.
/// </summary>
internal sealed class BalanceRules(NfTable table, FrontendCodec codec)
{
    // Any number; the same everywhere, so that a client's slot is the same on every host.
    private const uint HashSeed = 0x5377_4e65;
    private const NfRegister Target = NfRegister.R8;
    private const NfRegister Scratch = NfRegister.R12;

    private readonly Dictionary<(int Way, SlotWalk Walk), string> _names = [];

    /// <summary>All walks without a time in them, which every table has.</summary>
    public IEnumerable<(int Way, SlotWalk Walk)> Standing()
    {
        for (int way = 0; way < codec.Ways.Count; way++)
        {
            for (int tier = 0; tier < SlotTier.All.Length; tier++)
            {
                yield return (way, new SlotWalk(tier, 0));
            }
        }
    }

    /// <summary>Name of a walk's chain.</summary>
    public string NameOf(int way, SlotWalk walk)
    {
        if (!_names.TryGetValue((way, walk), out string? name))
        {
            SlotTier tier = SlotTier.All[walk.Tier];
            string sticky = walk.StickySeconds == 0 ? "" : $"_sticky_{walk.StickySeconds}";
            _names.Add((way, walk), name = $"{codec.Ways[way]}{(tier.IsHashed ? "hash" : "tier")}_{tier.Size}{sticky}");
        }

        return name;
    }

    /// <summary>The walk that a chain is for; null when it is none of ours.</summary>
    public SlotWalk? WalkOf(string? chain, int way)
    {
        if (chain is null)
        {
            return null;
        }

        int sticky = chain.IndexOf("_sticky_", StringComparison.Ordinal);
        uint seconds = 0;
        if (sticky >= 0 && !uint.TryParse(chain.AsSpan(sticky + 8), NumberStyles.None, CultureInfo.InvariantCulture, out seconds))
        {
            return null;
        }

        for (int tier = 0; tier < SlotTier.All.Length; tier++)
        {
            if (chain == NameOf(way, new SlotWalk(tier, seconds)))
            {
                return new SlotWalk(tier, seconds);
            }
        }

        return null;
    }

    /// <summary>Fills the chain of a walk.</summary>
    public void Define(NfTablesBatch batch, int way, SlotWalk walk)
    {
        string chain = NameOf(way, walk);
        SlotTier tier = SlotTier.All[walk.Tier];
        if (walk.StickySeconds > 0)
        {
            // A client that is known goes where it went.
            NfRule known = codec.LoadSource(codec.Load(batch.AddRule(table, chain), way), codec.BehindKey).Lookup(BalanceSets.Sticky, NfRegister.R0, Target);
            codec.Translate(known, Target, way).End();
        }

        codec.Translate(Choose(codec.Load(batch.AddRule(table, chain), way), way, tier), Target, way).End();
    }

    /// <summary>Whether a chain or object is one that is made when first needed.</summary>
    public static bool HasTime(string name) =>
        name.Contains("_sticky_", StringComparison.Ordinal) || name.Contains("remember_", StringComparison.Ordinal) || TimeoutsOf(name) is not null
        || name.StartsWith("tcp_", StringComparison.Ordinal) || name.StartsWith("udp_", StringComparison.Ordinal);

    /// <summary>Name of the chain that gives flows these timeouts.</summary>
    public static string NameOf(FlowSeconds timeouts) => $"timeouts_{timeouts.Tcp}_{timeouts.Udp}";

    /// <summary>The timeouts that a chain gives; null when it is none of ours.</summary>
    public static FlowSeconds? TimeoutsOf(string? chain)
    {
        string[] parts = chain?.Split('_') ?? [];
        return parts is ["timeouts", var tcp, var udp]
            && uint.TryParse(tcp, NumberStyles.None, CultureInfo.InvariantCulture, out uint tcpSeconds)
            && uint.TryParse(udp, NumberStyles.None, CultureInfo.InvariantCulture, out uint udpSeconds)
            ? new FlowSeconds(tcpSeconds, udpSeconds)
            : null;
    }

    /// <summary>Makes the chain that gives flows these timeouts, and the objects that it uses.</summary>
    public void Define(NfTablesBatch batch, FlowSeconds timeouts)
    {
        string chain = NameOf(timeouts);
        if (timeouts.Tcp > 0)
        {
            Use(6, $"tcp_{timeouts.Tcp}", [(NfCtTimeoutState.TcpEstablished, timeouts.Tcp)]);
        }

        if (timeouts.Udp > 0)
        {
            Use(17, $"udp_{timeouts.Udp}", [(NfCtTimeoutState.UdpUnreplied, timeouts.Udp), (NfCtTimeoutState.UdpReplied, timeouts.Udp)]);
        }

        void Use(byte protocol, string name, (ushort, uint)[] seconds)
        {
            batch.AddObject(table, new NfObject.CtTimeout(name, codec.Family, protocol) { Seconds = seconds });
            batch.AddRule(table, chain).L4ProtocolIs(protocol).Object(NfObjectType.CtTimeout, name).End();
        }
    }

    /// <summary>Chooses a slot and loads its target.</summary>
    private NfRule Choose(NfRule rule, int way, SlotTier tier) => (tier.IsHashed
            ? codec.LoadSource(rule, Scratch).JenkinsHash(Scratch, codec.SourceLength, codec.BehindKey, (uint)tier.Size, HashSeed)
            : rule.NumberGenerator(codec.BehindKey, (uint)tier.Size, random: false))
        .Lookup(BalanceSets.NameOf(BalanceSets.Slots, codec.IsRange(way)), NfRegister.R0, Target);

    /// <summary>Fills the chain that remembers the clients of new flows, where they have been translated already.</summary>
    public void DefineRemember(NfTablesBatch batch, int way, uint seconds)
    {
        string chain = NameOfRemember(way, seconds);
        foreach (NfDynamicSetOperation operation in (ReadOnlySpan<NfDynamicSetOperation>)[NfDynamicSetOperation.Delete, NfDynamicSetOperation.Add])
        {
            codec.LoadTarget(codec.LoadSource(codec.LoadOriginal(batch.AddRule(table, chain), way), codec.BehindKey), Target)
                .DynamicSet(operation, BalanceSets.Sticky, NfRegister.R0, Target, operation == NfDynamicSetOperation.Add ? seconds * 1000ul : 0).End();
        }
    }

    /// <summary>Name of that chain.</summary>
    public string NameOfRemember(int way, uint seconds) => $"{codec.Ways[way]}remember_{seconds}";
}
