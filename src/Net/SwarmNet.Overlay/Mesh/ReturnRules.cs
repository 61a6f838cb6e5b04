using System.Buffers.Binary;
using System.Net.Sockets;
using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.NfTables;
using SwarmNet.Overlay.Repairs;

namespace SwarmNet.Overlay.Mesh;

/// <summary>The nf_tables half of a <see cref="ReturnPath"/>: marks flows by their entry host, and sends the answers of marked ones there.</summary>
internal sealed class ReturnRules
{
    public const string TableName = "swarmnet_return";

    private const byte UdpProtocol = 17;
    private const string UdpClients = "udp_clients";
    private const string Redirected = "redirected";
    private const int MaxUdpClients = 65_536;
    private static readonly TimeSpan _udpClientLife = TimeSpan.FromMinutes(3); // longer than connection tracking remembers
    private static readonly NfTable _table = new(NfFamily.Ip, TableName);
    private static readonly NfTable _device = new(NfFamily.NetDev, TableName);

    // Ethernet addresses of hosts begin so (see OverlayNetwork.MacOf); the IPv4 address follows.
    private static ReadOnlySpan<byte> HostPrefix => [0x02, 0x42];

    private readonly ReturnPathOptions _options;
    private readonly byte[] _address;
    private readonly byte[] _network = new byte[4];
    private readonly byte[] _mask = new byte[4];

    public ReturnRules(ReturnPathOptions options)
    {
        _options = options;
        _address = options.Address.GetAddressBytes();
        BinaryPrimitives.WriteUInt32BigEndian(_network, options.Subnet.NetworkValue);
        BinaryPrimitives.WriteUInt32BigEndian(_mask, options.Subnet.Length == 0 ? 0 : uint.MaxValue << (32 - options.Subnet.Length));
    }

    /// <summary>Makes the tables unless they are there, and says how answers find the host.</summary>
    public ReturnPathMode Build(NetlinkSocket socket)
    {
        ReturnPathMode mode = BuildDevice(socket) ? ReturnPathMode.EgressHook : ReturnPathMode.RoutingRules;
        if (!NfTablesQuery.ListChains(socket, _table).Contains(Version(mode)))
        {
            var batch = new NfTablesBatch();
            Define(batch, mode);
            batch.Execute(socket);
        }

        return mode;
    }

    public List<Repair> Repair(NetlinkSocket socket, ReturnPathMode mode, bool inspectOnly)
    {
        var batch = new NfTablesBatch();
        Define(batch, mode);
        List<Repair> repairs = new TableRepair(_table, static difference => difference is { Object: NfObjectKind.Element, Name: UdpClients }).Run(socket, batch, inspectOnly);
        if (mode == ReturnPathMode.EgressHook)
        {
            batch.Clear();
            DefineDevice(batch);
            repairs.AddRange(new TableRepair(_device, static _ => false).Run(socket, batch, inspectOnly));
        }

        return repairs;
    }

    public static void Delete(NetlinkSocket socket)
    {
        new NfTablesBatch().AddTable(_table).DeleteTable(_table).Execute(socket);
        if (NfTablesQuery.TableExists(socket, _device))
        {
            new NfTablesBatch().DeleteTable(_device).Execute(socket);
        }
    }

    /// <summary>A change of these is a change of the rules.</summary>
    private string Version(ReturnPathMode mode)
    {
        uint ports = 0;
        foreach ((byte protocol, ushort published, ushort target) in Redirections())
        {
            ports = (ports * 16_777_619) ^ ((uint)protocol << 24) ^ ((uint)published << 8) ^ target;
        }

        return $"v1_{_options.InterfaceName}_{_options.Address}_{_options.Subnet.Length}_{mode}_{ports:x8}";
    }

    private bool BuildDevice(NetlinkSocket socket)
    {
        if (_options.Mode == ReturnPathMode.RoutingRules)
        {
            return false;
        }

        var batch = new NfTablesBatch();
        DefineDevice(batch);
        try
        {
            batch.Execute(socket);
            return true;
        }
        catch (NetlinkException e) when (_options.Mode is null && e.Errno is Errno.EOPNOTSUPP or Errno.EINVAL or Errno.ENOENT)
        {
            return false;
        }
    }

    private void DefineDevice(NfTablesBatch batch)
    {
        batch.ReplaceTable(_device).AddBaseChain(_device, new NfBaseChain { Name = "egress", Type = NfChainType.Filter, Hook = NfHook.Egress, Devices = [_options.InterfaceName] });
        Span<byte> asked = stackalloc byte[6];
        ReturnRoutes.AskedMac.WriteTo(asked);
        batch.AddRule(_device, "egress")
            .Payload(NfPayloadBase.LinkLayer, 0, 6, NfRegister.R0).Equal(NfRegister.R0, asked)
            .Meta(NfMetaKey.Mark, NfRegister.R2)
            .Immediate(NfRegister.R3, HostPrefix)
            .SetPayload(NfRegister.R3, NfPayloadBase.LinkLayer, 0, 2)
            .SetPayload(NfRegister.R2, NfPayloadBase.LinkLayer, 2, 4)
            .End();
    }

    private void Define(NfTablesBatch batch, ReturnPathMode mode)
    {
        batch.ReplaceTable(_table)
            .AddChain(_table, Version(mode))
            .AddChain(_table, "entry")
            .AddSet(_table, new NfSet
            {
                Name = UdpClients,
                Key = NfType.Concat(NfType.Ipv4Address, NfType.InetService, NfType.InetService),
                Flags = NfSetFlags.Timeout | NfSetFlags.Eval,
                Timeout = _udpClientLife,
                Size = MaxUdpClients,
            })
            .AddSet(_table, new NfSet { Name = Redirected, Key = NfType.Concat(NfType.InetProtocol, NfType.InetService), Data = NfType.InetService })
            .AddBaseChain(_table, "prerouting", NfChainType.Filter, NfHook.Prerouting, NfPriority.Mangle)
            .AddBaseChain(_table, "raw_output", NfChainType.Route, NfHook.Output, NfPriority.Raw)
            .AddBaseChain(_table, "output", mode == ReturnPathMode.EgressHook ? NfChainType.Filter : NfChainType.Route, NfHook.Output, NfPriority.Mangle)
            .AddBaseChain(_table, "nat_prerouting", NfChainType.Nat, NfHook.Prerouting, NfPriority.DestinationNat);
        FromIngress("prerouting", NfCompare.NotEqual).Payload(NfPayloadBase.LinkLayer, 6, 2, NfRegister.R0).Equal(NfRegister.R0, HostPrefix)
            .Conntrack(NfCtKey.Direction, NfRegister.R0).Equal(NfRegister.R0, [0]).Verdict(NfVerdict.Jump, "entry").End();
        batch.AddRule(_table, "entry").Payload(NfPayloadBase.LinkLayer, 8, 4, NfRegister.R0).SetConntrack(NfCtKey.Mark, NfRegister.R0).End();
        batch.AddRule(_table, "entry").L4ProtocolIs(UdpProtocol).Ipv4Source(NfRegister.R0).SourcePort(NfRegister.R1).DestinationPort(NfRegister.R2)
            .DynamicSet(NfDynamicSetOperation.Update, UdpClients, NfRegister.R0).End();

        // Before connection tracking, which would take it for a flow of its own.
        batch.AddRule(_table, "raw_output").L4ProtocolIs(UdpProtocol)
            .Ipv4Source(NfRegister.R0).Compare(NfRegister.R0, NfCompare.NotEqual, _address)
            .Ipv4Destination(NfRegister.R0).DestinationPort(NfRegister.R1).SourcePort(NfRegister.R2).InSet(UdpClients, NfRegister.R0)
            .Immediate(NfRegister.R0, _address).SetPayload(NfRegister.R0, NfPayloadBase.Network, 12, 4, NfChecksum.Ipv4Address).End();

        batch.AddRule(_table, "output").Conntrack(NfCtKey.Direction, NfRegister.R0).Equal(NfRegister.R0, [1])
            .Conntrack(NfCtKey.Mark, NfRegister.R1)
            .Bitwise(NfRegister.R1, NfRegister.R2, _mask, stackalloc byte[4]).Equal(NfRegister.R2, _network)
            .SetMeta(NfMetaKey.Mark, NfRegister.R1).End();

        FromIngress("nat_prerouting", NfCompare.Equal).Meta(NfMetaKey.L4Protocol, NfRegister.R0).DestinationPort(NfRegister.R1)
            .Lookup(Redirected, NfRegister.R0, NfRegister.R2).Redirect(NfRegister.R2).End();
        AppendRedirections(batch);

        NfRule FromIngress(string chain, NfCompare inSubnet) => batch.AddRule(_table, chain)
            .InterfaceName(NfMetaKey.InInterfaceName, NfCompare.Equal, _options.InterfaceName)
            .Ipv4Source(NfRegister.R0).InSubnet(NfRegister.R0, inSubnet, _options.Subnet.NetworkValue, _options.Subnet.Length);
    }

    private void AppendRedirections(NfTablesBatch batch)
    {
        Span<byte> key = stackalloc byte[8];
        Span<byte> data = stackalloc byte[2];
        NfElements elements = batch.AddElements(_table, Redirected);
        foreach ((byte protocol, ushort published, ushort target) in Redirections())
        {
            key.Clear();
            key[0] = protocol;
            BinaryPrimitives.WriteUInt16BigEndian(key[4..], published);
            BinaryPrimitives.WriteUInt16BigEndian(data, target);
            elements.Pair(key, data);
        }

        elements.End();
    }

    private IEnumerable<(byte Protocol, ushort Published, ushort Target)> Redirections()
    {
        var targets = _options.Ports.Select(static port => (port.Protocol, port.Target)).ToHashSet();
        return _options.Ports
            .Where(port => !targets.Contains((port.Protocol, port.Published)))
            .Select(static port => (MeshWishes.Number(port.Protocol), port.Published, port.Target))
            .Distinct();
    }
}
