using System.Net;
using System.Threading.Channels;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using SwarmNet.Gossip;
using SwarmNet.Gossip.Tables;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Agent.Network;

/// <summary>
/// The endpoint tables on a gossip node, in Docker's records. Own announcements are put in order by one queue; foreign ones are read from the
/// node's snapshots.
/// </summary>
internal sealed partial class GossipTables : IEndpointTables, IAsyncDisposable
{
    private const string EndpointTable = "endpoint_table";
    private const string PeerTable = "overlay_peer_table";

    private readonly GossipNode _node;
    private readonly ILogger _logger;
    private readonly TableSubscription _subscription;
    private readonly Channel<Func<Task>> _queue = Channel.CreateUnbounded<Func<Task>>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<(string Network, string Table, string Key)> _own = [];
    private readonly Task _loops;

    public GossipTables(GossipNode node, ILogger logger)
    {
        _node = node;
        _logger = logger;
        _subscription = node.Subscribe();
        _loops = Task.WhenAll(Task.Run(SendAsync), Task.Run(ListenAsync));
    }

    public event Action<string>? Changed;

    public void Join(string networkId) => Enqueue(() => _node.JoinNetworkAsync(networkId));

    public void Leave(string networkId) => Enqueue(async () =>
    {
        _own.RemoveWhere(o => o.Network == networkId);
        await _node.LeaveNetworkAsync(networkId).ConfigureAwait(false);
    });

    public void AnnouncePeer(string networkId, string endpointId, PeerEntry peer) => Put(networkId, PeerTable, endpointId, new PeerRecord
    {
        EndpointIp = $"{peer.Address}/{peer.PrefixLength}",
        EndpointMac = peer.Mac.ToString(),
        TunnelEndpointIp = peer.TunnelEnd.ToString(),
    });

    public void AnnounceEndpoint(string networkId, NetworkEndpoint endpoint)
    {
        var record = new EndpointRecord
        {
            Name = endpoint.Name,
            ServiceName = endpoint.ServiceName,
            ServiceId = endpoint.ServiceId,
            VirtualIp = endpoint.VirtualIp?.ToString() ?? "<nil>",
            EndpointIp = endpoint.Address.ToString(),
            ServiceDisabled = endpoint.IsDisabled,
        };
        record.IngressPorts.Add(endpoint.Ports.Select(p => new PortConfig
        {
            Protocol = p.Protocol switch { 17 => PortProtocol.Udp, 132 => PortProtocol.Sctp, _ => PortProtocol.Tcp },
            PublishedPort = p.Published,
            TargetPort = p.Target,
        }));
        record.Aliases.Add(endpoint.Aliases);
        record.TaskAliases.Add(endpoint.TaskAliases);
        Put(networkId, EndpointTable, endpoint.Id, record);
    }

    public void Withdraw(string networkId, string endpointId)
    {
        Delete(networkId, EndpointTable, endpointId);
        Delete(networkId, PeerTable, endpointId);
    }

    public IReadOnlyCollection<PeerEntry> Peers(string networkId) =>
        [.. Foreign(networkId, PeerTable).Select(e => ParsePeer(e.Value.Value)).OfType<PeerEntry>()];

    public IReadOnlyCollection<NetworkEndpoint> Endpoints(string networkId) =>
        [.. Foreign(networkId, EndpointTable).Select(e => ParseEndpoint(e.Key, e.Value.Value)).OfType<NetworkEndpoint>()];

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        _subscription.Dispose();
        await _loops.ConfigureAwait(false);
    }

    /// <summary>A record of a peer; null when it makes no sense: foreign bytes are not to be trusted.</summary>
    internal static PeerEntry? ParsePeer(ReadOnlyMemory<byte> value)
    {
        try
        {
            var record = PeerRecord.Parser.ParseFrom(value.Span);
            return LocalEndpoint.TryParse(record.EndpointIp, out var address, out var prefix)
                && MacAddress.TryParse(record.EndpointMac, out var mac)
                && IPAddress.TryParse(record.TunnelEndpointIp, out var tunnelEnd)
                    ? new PeerEntry(address, prefix, mac, tunnelEnd)
                    : null;
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    /// <summary>A record of an endpoint; null when it has no name or no address.</summary>
    internal static NetworkEndpoint? ParseEndpoint(string key, ReadOnlyMemory<byte> value)
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
                record.ServiceDisabled);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private IEnumerable<KeyValuePair<string, TableEntry>> Foreign(string networkId, string table) =>
        _node.Entries(networkId, table).Where(e => e.Value.OwnerNode != _node.NodeName);

    private void Put(string networkId, string table, string key, IMessage record)
    {
        var bytes = record.ToByteArray();
        Enqueue(() => _own.Add((networkId, table, key))
            ? _node.CreateEntryAsync(networkId, table, key, bytes)
            : _node.UpdateEntryAsync(networkId, table, key, bytes));
    }

    private void Delete(string networkId, string table, string key) =>
        Enqueue(() => _own.Remove((networkId, table, key)) ? _node.DeleteEntryAsync(networkId, table, key) : Task.CompletedTask);

    private void Enqueue(Func<Task> send) => _queue.Writer.TryWrite(send);

    private async Task SendAsync()
    {
        await foreach (var send in _queue.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            try
            {
                await send().ConfigureAwait(false);
            }
            catch (Exception e) when (e is GossipException or ObjectDisposedException or OperationCanceledException)
            {
                LogNotAnnounced(e.Message);
            }
        }
    }

    private async Task ListenAsync()
    {
        await foreach (var change in _subscription.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            Changed?.Invoke(change.NetworkId);
        }
    }

    [LoggerMessage(3020, LogLevel.Warning, "An announcement was not made: {Reason}")]
    private partial void LogNotAnnounced(string reason);
}
