using SwarmNet.Netlink.NfTables;
using SwarmNet.Overlay.Balancing;

namespace SwarmNet.Overlay.Mesh;

/// <summary>The mesh's chains and rules, constant in number.</summary>
internal static class MeshRules
{
    /// <summary>Backends that shall not see the client's address.</summary>
    public const string Translated = "translated";

    private const uint NewState = 8;
    private const uint DestinationTranslated = 0x20;
    private const byte Sctp = (byte)PublishedPort.Sctp;

    public static void Define(NfTablesBatch batch, NfTable table, BalanceSets sets, RoutingMeshOptions options)
    {
        batch.AddSet(table, new NfSet { Name = Translated, Key = NfType.Ipv4Address })
            .AddChain(table, "published")
            .AddChain(table, "new")
            .AddChain(table, "remember")
            .AddChain(table, "unanswered")
            .AddChain(table, "refuse")
            .AddBaseChain(table, "raw_prerouting", NfChainType.Filter, NfHook.Prerouting, NfPriority.Raw)
            .AddBaseChain(table, "mangle_prerouting", NfChainType.Filter, NfHook.Prerouting, NfPriority.Mangle)
            .AddBaseChain(table, "mangle_output", NfChainType.Filter, NfHook.Output, NfPriority.Mangle)
            .AddBaseChain(table, "prerouting", NfChainType.Nat, NfHook.Prerouting, NfPriority.DestinationNat)
            .AddBaseChain(table, "output", NfChainType.Nat, NfHook.Output, NfPriority.DestinationNat)
            .AddBaseChain(table, "translated", NfChainType.Filter, NfHook.Postrouting, NfPriority.SourceNat - 1)
            .AddBaseChain(table, "postrouting", NfChainType.Nat, NfHook.Postrouting, NfPriority.SourceNat)
            .AddBaseChain(table, "forward", NfChainType.Filter, NfHook.Forward, NfPriority.Filter)
            .AddBaseChain(table, "input", NfChainType.Filter, NfHook.Input, NfPriority.Filter);
        DefineDestinations(batch, table, sets, options);
        DefineSources(batch, table, options);

        // The host has a route to the ingress overlay, others have not: only published ports lead there, and only their answers come back.
        foreach (NfMetaKey direction in (ReadOnlySpan<NfMetaKey>)[NfMetaKey.OutInterfaceName, NfMetaKey.InInterfaceName])
        {
            batch.AddRule(table, "forward").InterfaceName(direction, NfCompare.Equal, options.IngressInterface)
                .ConntrackNone(NfCtKey.Status, DestinationTranslated).Verdict(NfVerdict.Drop).End();
        }
    }

    private static void DefineDestinations(NfTablesBatch batch, NfTable table, BalanceSets sets, RoutingMeshOptions options)
    {
        foreach (string hook in (ReadOnlySpan<string>)["prerouting", "output"])
        {
            batch.AddRule(table, hook).DestinationIsLocal().Verdict(NfVerdict.Jump, "published").End();
            batch.AddRule(table, $"mangle_{hook}").ConntrackAny(NfCtKey.State, NewState).DestinationIsLocal().Verdict(NfVerdict.Jump, "new").End();
        }

        batch.AddRule(table, "translated").ConntrackAny(NfCtKey.State, NewState).ConntrackAny(NfCtKey.Status, DestinationTranslated)
            .Verdict(NfVerdict.Jump, "remember").End();

        // A published port without backend: what was not translated ends here.
        batch.AddRule(table, "input").Verdict(NfVerdict.Jump, "unanswered").End();
        foreach (int way in PortCodec.WaysInOrder)
        {
            sets.AddDispatch(batch, "published", BalanceSets.Tiers, way);
            sets.AddDispatch(batch, "new", BalanceSets.Timeouts, way);
            sets.AddRemember(batch, "remember", way);
            sets.AddMembership(batch, "unanswered", way).Verdict(NfVerdict.Goto, "refuse").End();
        }

        batch.AddRule(table, "refuse").L4ProtocolIs(6).Reject(tcpReset: true).End();
        batch.AddRule(table, "refuse").Reject(tcpReset: false).End();

        // route_localnet lets neighbours on the interface address 127.0.0.1; replies are still translated back later.
        batch.AddRule(table, "raw_prerouting").InterfaceName(NfMetaKey.InInterfaceName, NfCompare.Equal, options.IngressInterface)
            .Ipv4Destination(NfRegister.R0).InSubnet(NfRegister.R0, NfCompare.Equal, 0x7f000000, 8).Verdict(NfVerdict.Drop).End();
    }

    /// <summary>Where the true source cannot be shown.</summary>
    private static void DefineSources(NfTablesBatch batch, NfTable table, RoutingMeshOptions options)
    {
        // Backends whose answers would not come back through this host.
        ToIngress().Ipv4Destination(NfRegister.R0).InSet(Translated, NfRegister.R0).Masquerade().End();
        // An SCTP server answers from whichever of its addresses its routes prefer (RFC 9260, 6.4), so that a flow cannot tell which host asked.
        ToIngress().L4ProtocolIs(Sctp).Masquerade().End();
        // Neighbours on the ingress overlay itself, to whom the backend would answer directly.
        ToIngress().InterfaceName(NfMetaKey.InInterfaceName, NfCompare.Equal, options.IngressInterface).Masquerade().End();
        foreach (IPv4Prefix source in options.LocalSources)
        {
            ToIngress().Ipv4Source(NfRegister.R0).InSubnet(NfRegister.R0, NfCompare.Equal, source.NetworkValue, source.Length).Masquerade().End();
        }

        batch.AddRule(table, "postrouting").InterfaceName(NfMetaKey.OutInterfaceName, NfCompare.NotEqual, "lo")
            .ConntrackAny(NfCtKey.Status, DestinationTranslated)
            .Ipv4Source(NfRegister.R0).InSubnet(NfRegister.R0, NfCompare.Equal, 0x7f000000, 8).Masquerade().End();

        NfRule ToIngress() => batch.AddRule(table, "postrouting").InterfaceName(NfMetaKey.OutInterfaceName, NfCompare.Equal, options.IngressInterface)
            .ConntrackAny(NfCtKey.Status, DestinationTranslated);
    }
}
