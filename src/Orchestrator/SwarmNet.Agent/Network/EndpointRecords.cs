using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using SwarmNet.Gossip.Tables;
using SwarmNet.Netlink.Route;
using SwarmNet.Overlay.Balancing;

namespace SwarmNet.Agent.Network;

/// <summary>The records of the shared tables as bytes and back. Foreign bytes are not to be trusted: what makes no sense is null.</summary>
internal static class EndpointRecords
{
    public static byte[] ToBytes(PeerEntry peer) => new PeerRecord
    {
        EndpointIp = $"{peer.Address}/{peer.PrefixLength}",
        EndpointMac = peer.Mac.ToString(),
        TunnelEndpointIp = peer.TunnelEnd.ToString(),
        EndpointIp6 = peer.Address6?.ToString() ?? "",
    }.ToByteArray();

    public static byte[] ToBytes(NetworkEndpoint endpoint)
    {
        var record = new EndpointRecord
        {
            Name = endpoint.Name,
            ServiceName = endpoint.ServiceName,
            ServiceId = endpoint.ServiceId,
            VirtualIp = endpoint.VirtualIp?.ToString() ?? "<nil>",
            EndpointIp = endpoint.Address.ToString(),
            ServiceDisabled = endpoint.IsDisabled,
            EndpointIp6 = endpoint.Address6?.ToString() ?? "",
            VirtualIp6 = endpoint.VirtualIp6?.ToString() ?? "",
        };
        record.IngressPorts.Add(endpoint.Ports.Select(p => new PortConfig
        {
            Protocol = p.Protocol switch { 17 => PortProtocol.Udp, 132 => PortProtocol.Sctp, _ => PortProtocol.Tcp },
            PublishedPort = p.Published,
            TargetPort = p.Target,
        }));
        record.Aliases.Add(endpoint.Aliases);
        record.TaskAliases.Add(endpoint.TaskAliases);
        record.Policy = ToRecord(endpoint.Policy);
        return record.ToByteArray();
    }

    /// <summary>A record of a peer; null when it makes no sense.</summary>
    public static PeerEntry? ParsePeer(string key, ReadOnlyMemory<byte> value, ulong version = 0)
    {
        try
        {
            var record = PeerRecord.Parser.ParseFrom(value.Span);
            return LocalEndpoint.TryParse(record.EndpointIp, out var address, out var prefix)
                && MacAddress.TryParse(record.EndpointMac, out var mac)
                && IPAddress.TryParse(record.TunnelEndpointIp, out var tunnelEnd)
                    ? new PeerEntry(address, prefix, mac, tunnelEnd)
                    {
                        Key = key,
                        Version = version,
                        Address6 = InterfaceAddress.TryParse6(record.EndpointIp6, out var address6) ? address6 : null,
                    }
                    : null;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    /// <summary>A record of an endpoint; null when it has no name or no address.</summary>
    public static NetworkEndpoint? ParseEndpoint(string key, ReadOnlyMemory<byte> value)
    {
        try
        {
            var record = EndpointRecord.Parser.ParseFrom(value.Span);
            if (record.Name.Length == 0 || !IPAddress.TryParse(record.EndpointIp, out var address))
            {
                return null;
            }

            return new NetworkEndpoint(
                key,
                record.Name,
                record.ServiceName,
                record.ServiceId,
                IPAddress.TryParse(record.VirtualIp, out var vip) ? vip : null,
                address,
                [.. record.IngressPorts
                    .Where(p => p.PublishedPort is > 0 and <= ushort.MaxValue && p.TargetPort is > 0 and <= ushort.MaxValue)
                    .Select(p => new PublishedPort(
                        p.Protocol switch { PortProtocol.Udp => 17, PortProtocol.Sctp => 132, _ => 6 }, (ushort)p.PublishedPort, (ushort)p.TargetPort))],
                [.. record.Aliases],
                [.. record.TaskAliases],
                record.ServiceDisabled)
            {
                Policy = ParsePolicy(record.Policy),
                Address6 = Parse6(record.EndpointIp6),
                VirtualIp6 = Parse6(record.VirtualIp6),
            };
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static IPAddress? Parse6(string text) =>
        IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId == 0 ? address : null;

    private static Gossip.Tables.EndpointPolicy? ToRecord(EndpointPolicy policy)
    {
        if (policy == EndpointPolicy.Stock)
        {
            return null;
        }

        var record = new Gossip.Tables.EndpointPolicy
        {
            ShowsSource = policy.ShowsSource,
            ClientAffinity = policy.Affinity is not null,
            AffinitySeconds = (uint)(policy.Affinity?.Timeout?.TotalSeconds ?? 0),
            TcpSeconds = (uint)(policy.Timeouts?.TcpEstablished?.TotalSeconds ?? 0),
            UdpSeconds = (uint)(policy.Timeouts?.Udp?.TotalSeconds ?? 0),
        };
        if (policy.Weight != 1)
        {
            record.Weight = (uint)policy.Weight;
        }

        return record;
    }

    private static EndpointPolicy ParsePolicy(Gossip.Tables.EndpointPolicy? record)
    {
        if (record is null)
        {
            return EndpointPolicy.Stock;
        }

        var timeouts = new FlowTimeouts { TcpEstablished = Seconds(record.TcpSeconds), Udp = Seconds(record.UdpSeconds) };
        return new EndpointPolicy
        {
            ShowsSource = record.ShowsSource,
            Weight = record.HasWeight ? (int)Math.Min(record.Weight, 256) : 1,
            Affinity = record.ClientAffinity ? new ClientAffinity { Timeout = Seconds(record.AffinitySeconds) } : null,
            Timeouts = timeouts == new FlowTimeouts() ? null : timeouts,
        };

        static TimeSpan? Seconds(uint seconds) => seconds == 0 ? null : TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue));
    }
}
