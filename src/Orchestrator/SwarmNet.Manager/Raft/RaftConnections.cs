using System.IO.Pipelines;
using Microsoft.Extensions.Logging;
using SwarmNet.Ca;
using SwarmNet.Raft;

namespace SwarmNet.Manager.Raft;

/// <summary>Raft's connections between managers: mutual TLS on the swarm's port, told apart by ALPN; each end must be the node that the peers' list names.</summary>
internal sealed class RaftConnections : IAsyncDisposable
{
    private NodeSecurity? _security;

    public RaftConnections(ulong raftId, IEnumerable<RaftPeer> known, ILogger? logger)
    {
        Peers = new RaftPeers(known);
        Transport = new RaftTransport(new RaftTransportOptions { NodeId = raftId, ConnectAsync = ConnectAsync, Logger = logger });
    }

    public RaftPeers Peers { get; }

    public RaftTransport Transport { get; }

    /// <summary>Sets the certificate, and who gets the messages. Before that there are no connections.</summary>
    public void Start(RaftNode node, NodeSecurity security)
    {
        Transport.Attach(node);
        Volatile.Write(ref _security, security);
    }

    /// <summary>Reads messages of a manager that the port has authenticated.</summary>
    public Task AcceptAsync(PipeReader messages, PeerIdentity peer, CancellationToken cancellationToken) =>
        Transport.AcceptAsync(messages, raftId => Peers.Find(raftId)?.NodeId == peer.NodeId, cancellationToken);

    public ValueTask DisconnectAsync(ulong raftId) => Transport.DisconnectAsync(raftId);

    public ValueTask DisposeAsync() => Transport.DisposeAsync();

    private async Task<Stream> ConnectAsync(ulong raftId, CancellationToken cancellationToken)
    {
        var security = Volatile.Read(ref _security) ?? throw new IOException("This manager has not started yet.");
        var peer = Peers.Find(raftId) ?? throw new IOException($"The address of the manager with Raft id {raftId:x} is not known.");
        return await SwarmTls.ConnectAsync(peer.Addr, peer.NodeId, security.Certificate, RaftTransport.ApplicationProtocol, cancellationToken);
    }
}
