using SwarmNet.Linux;

namespace SwarmNet.Netlink.NfTables;

/// <summary>
/// Finds out what the kernel's nf_tables can do, by doing it in a scratch network namespace: versions and configurations do not tell,
/// since distributions move features between them.
/// </summary>
public static class NfTablesProbe
{
    private static readonly Lazy<NfCapabilities> _capabilities = new(RunInScratchNamespace);

    /// <summary>What this kernel can do; probed once in the life of the process. Needs CAP_SYS_ADMIN and CAP_NET_ADMIN.</summary>
    public static NfCapabilities Capabilities => _capabilities.Value;

    /// <summary>Probes in a namespace that is thrown away afterwards: tables remain in it.</summary>
    /// <exception cref="NetlinkException">EPERM: the capability is missing, which says nothing about the kernel.</exception>
    public static NfCapabilities Run(NetworkNamespace scratch)
    {
        NfFeature[] features = Enum.GetValues<NfFeature>();
        var failures = new NetlinkException?[features.Length];
        using NetlinkSocket socket = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, scratch);
        foreach (NfFeature feature in features)
        {
            try
            {
                Attempt(feature).Execute(socket);
            }
            catch (NetlinkException e) when (e.Errno != Errno.EPERM)
            {
                failures[(int)feature] = e;
            }
        }

        return new NfCapabilities(failures);
    }

    private static NfCapabilities RunInScratchNamespace()
    {
        string path = Path.Combine(Path.GetTempPath(), $"swarmnet-probe-{Environment.ProcessId}-{Guid.NewGuid():N}");
        using NetworkNamespace scratch = NetworkNamespace.Create(path, loopbackUp: false);
        try
        {
            return Run(scratch);
        }
        finally
        {
            NetworkNamespace.Delete(path);
        }
    }

    private static NfTablesBatch Attempt(NfFeature feature)
    {
        string name = feature.ToString();
        var ip = new NfTable(NfFamily.Ip, name);
        var inet = new NfTable(NfFamily.Inet, name);
        var batch = new NfTablesBatch();
        const NfRegister R0 = NfRegister.R0;
        NfRule Rule()
        {
            batch.AddTable(inet).AddChain(inet, "c");
            return batch.AddRule(inet, "c");
        }

        switch (feature)
        {
            case NfFeature.Tables:
                return Rule().L4ProtocolIs(6).DestinationPort(R0).Equal(R0, [0, 80]).Counter().Verdict(NfVerdict.Accept).End();
            case NfFeature.IpNat:
                batch.AddTable(ip).AddBaseChain(ip, "d", NfChainType.Nat, NfHook.Prerouting, NfPriority.DestinationNat)
                    .AddBaseChain(ip, "s", NfChainType.Nat, NfHook.Postrouting, NfPriority.SourceNat);
                batch.AddRule(ip, "s").Masquerade().End();
                return batch.AddRule(ip, "d").Immediate(R0, [10, 0, 0, 1]).DestinationNat(R0).End();
            case NfFeature.Ip6Nat:
                var ip6 = new NfTable(NfFamily.Ip6, name);
                batch.AddTable(ip6).AddBaseChain(ip6, "d", NfChainType.Nat, NfHook.Prerouting, NfPriority.DestinationNat);
                return batch.AddRule(ip6, "d").Immediate(R0, new byte[16]).DestinationNat(R0, family: NfFamily.Ip6).End();
            case NfFeature.InetNat:
                batch.AddTable(inet).AddBaseChain(inet, "d", NfChainType.Nat, NfHook.Prerouting, NfPriority.DestinationNat);
                return batch.AddRule(inet, "d").Immediate(R0, [10, 0, 0, 1]).DestinationNat(R0).End();
            case NfFeature.NatMap:
                NfType pair = NfType.Concat(NfType.Ipv4Address, NfType.InetService);
                batch.AddTable(ip).AddBaseChain(ip, "d", NfChainType.Nat, NfHook.Prerouting, NfPriority.DestinationNat)
                    .AddSet(ip, new NfSet { Name = "m", Key = pair, Data = pair });
                return batch.AddRule(ip, "d").L4ProtocolIs(6).Ipv4Destination(R0).DestinationPort(NfRegister.R1).Lookup("m", R0, R0).DestinationNat(R0, NfRegister.R1).End();
            case NfFeature.NetDevIngress:
                return Device(NfHook.Ingress);
            case NfFeature.NetDevEgress:
                return Device(NfHook.Egress);
            case NfFeature.CtTimeout:
                batch.AddTable(ip).AddChain(ip, "c").AddObject(ip, new NfObject.CtTimeout("t", NfFamily.Ip, 6) { Seconds = [(NfCtTimeoutState.TcpEstablished, 1000)] });
                return batch.AddRule(ip, "c").Object(NfObjectType.CtTimeout, "t").End();
            case NfFeature.ConcatRanges:
                batch.AddTable(ip).AddSet(ip, new NfSet
                {
                    Name = "s",
                    Key = NfType.Concat(NfType.Ipv4Address, NfType.InetService),
                    Flags = NfSetFlags.Interval,
                    ConcatLengths = [4, 2],
                });
                NfElements ranges = batch.AddElements(ip, "s");
                ranges.ConcatRange([10, 0, 0, 0, 0, 80, 0, 0], [10, 0, 0, 255, 0, 90, 0, 0]);
                return ranges.End();
            case NfFeature.NumberGenerator:
                return Rule().NumberGenerator(R0, 8, random: true).SetMeta(NfMetaKey.Mark, R0).End();
            case NfFeature.JenkinsHash:
                return Rule().Ipv4Source(R0).JenkinsHash(R0, 4, R0, 8, 1).SetMeta(NfMetaKey.Mark, R0).End();
            case NfFeature.Fib:
                batch.AddTable(inet).AddBaseChain(inet, "c", NfChainType.Filter, NfHook.Prerouting, NfPriority.Filter);
                return batch.AddRule(inet, "c").DestinationIsLocal().End();
            case NfFeature.Conntrack:
                return Rule().ConntrackAny(NfCtKey.State, 8).SaveMark().End();
            case NfFeature.Reject:
                return Rule().Reject(NfRejectType.IcmpAny, 1).End();
            case NfFeature.Limit:
                return Rule().Limit(new NfLimit(10) { Burst = 5 }).End();
            case NfFeature.ConnectionLimit:
                return Rule().ConnectionLimit(10).End();
            case NfFeature.Log:
                return Rule().Log(new NfLog { Group = 1 }).End();
            case NfFeature.DynamicSets:
                batch.AddTable(ip).AddChain(ip, "c").AddSet(ip, new NfSet
                {
                    Name = "s",
                    Key = NfType.Ipv4Address,
                    Flags = NfSetFlags.Eval | NfSetFlags.Timeout,
                    Size = 16,
                });
                return batch.AddRule(ip, "c").Ipv4Source(R0).DynamicSet(NfDynamicSetOperation.Update, "s", R0, timeoutMs: 1000).End();
            case NfFeature.ObjectMaps:
                batch.AddTable(ip).AddChain(ip, "c").AddObject(ip, new NfObject.Counter("n"))
                    .AddSet(ip, new NfSet { Name = "m", Key = NfType.Ipv4Address, Object = NfObjectType.Counter });
                NfElements objects = batch.AddElements(ip, "m");
                objects.Object([10, 0, 0, 1], "n");
                objects.End();
                return batch.AddRule(ip, "c").Ipv4Source(R0).ObjectOf("m", R0).End();
            case NfFeature.CatchAll:
                batch.AddTable(ip).AddSet(ip, new NfSet { Name = "s", Key = NfType.Ipv4Address });
                NfElements all = batch.AddElements(ip, "s");
                all.Element(new NfElementSpec { CatchAll = true });
                return all.End();
            case NfFeature.PayloadWrite:
                return Rule().Immediate(R0, [10, 0, 0, 1]).SetPayload(R0, NfPayloadBase.Network, 12, 4, NfChecksum.Ipv4Address).End();
            case NfFeature.TransparentProxy:
                batch.AddTable(ip).AddBaseChain(ip, "c", NfChainType.Filter, NfHook.Prerouting, NfPriority.Mangle);
                return batch.AddRule(ip, "c").L4ProtocolIs(6).Immediate(R0, [0, 80]).TransparentProxy(NfFamily.Ip, null, R0).End();
            case NfFeature.SegmentClamp:
                batch.AddTable(inet).AddBaseChain(inet, "c", NfChainType.Filter, NfHook.Forward, NfPriority.Filter);
                return batch.AddRule(inet, "c").L4ProtocolIs(6).ClampSegmentSize().End();
            case NfFeature.Ipsec:
                batch.AddTable(inet).AddBaseChain(inet, "c", NfChainType.Filter, NfHook.Input, NfPriority.Filter);
                return batch.AddRule(inet, "c").FromIpsec(true).Transformation(NfXfrmKey.Spi, outgoing: false, R0).Equal(R0, [0, 0, 0, 1]).End();
            default:
                throw new ArgumentOutOfRangeException(nameof(feature), feature, "There is no attempt for this feature.");
        }

        NfTablesBatch Device(NfHook hook)
        {
            var table = new NfTable(NfFamily.NetDev, name);
            batch.AddTable(table).AddBaseChain(table, new NfBaseChain { Name = "c", Hook = hook, Devices = ["lo"] });
            return batch.AddRule(table, "c").Meta(NfMetaKey.Mark, R0).SetMeta(NfMetaKey.Mark, R0).End();
        }
    }
}
