using System.Security.Cryptography;
using System.Text;
using Google.Protobuf;
using SwarmNet.Ca;
using SwarmNet.Grpc;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Certificates;

/// <summary>
/// The CA and NodeCA services: the only door through which a node object comes into being. Certificates are signed at once; the request's
/// exact bytes are stored beside them, because a node takes only the certificate that echoes its request.
/// </summary>
internal sealed class CaService(ClusterStore store, TimeProvider time)
{
    /// <summary>Maps the methods.</summary>
    public void Map(GrpcServer server)
    {
        server.MapUnary(SwarmKitMethods.GetRootCACertificate, (_, _) => Task.FromResult(GetRootCACertificate()));
        server.MapUnary(SwarmKitMethods.IssueNodeCertificate, IssueNodeCertificateAsync);
        server.MapUnary(SwarmKitMethods.NodeCertificateStatus, NodeCertificateStatusAsync);
    }

    private GetRootCACertificateResponse GetRootCACertificate() => new() { Certificate = Cluster().RootCa.CaCert };

    private async Task<IssueNodeCertificateResponse> IssueNodeCertificateAsync(IssueNodeCertificateRequest request, ServerCallContext call)
    {
        if (RootCa.CheckRequest(request.Csr.Span) is { } refusal)
        {
            throw new RpcException(StatusCode.InvalidArgument, refusal);
        }

        var cluster = Cluster();
        if (call.Caller() is { } peer)
        {
            if (Authorizer.CheckMember(peer, cluster) is { Code: not StatusCode.OK } denied)
            {
                throw new RpcException(denied);
            }

            return await RenewAsync(peer.NodeId, request.Csr, cluster, call.CancellationToken);
        }

        return RoleOfToken(request.Token, cluster.RootCa.JoinTokens) is { } role
            ? await CreateAsync(request, role, cluster, call.CancellationToken)
            : throw new RpcException(StatusCode.InvalidArgument, "A valid join token is necessary to join this cluster");
    }

    private async Task<IssueNodeCertificateResponse> CreateAsync(
        IssueNodeCertificateRequest request, NodeRole role, Cluster cluster, CancellationToken cancellationToken)
    {
        var id = Identifiers.New();
        var node = new Node
        {
            Id = id,
            Role = role,
            Spec = new NodeSpec
            {
                Annotations = new Annotations(),
                DesiredRole = role,
                Membership = NodeMembership.Accepted,
                Availability = request.Availability,
            },
            Status = new NodeStatus(),
            Certificate = Sign(request.Csr, new PeerIdentity(cluster.Id, SwarmRoles.Name(role), id), cluster),
            VxlanUdpPort = cluster.VxlanUdpPort,
        };
        await WriteAsync(transaction => transaction.Create(node.Clone()), cancellationToken);
        return new IssueNodeCertificateResponse { NodeId = id, NodeMembership = NodeMembership.Accepted };
    }

    private async Task<IssueNodeCertificateResponse> RenewAsync(string nodeId, ByteString csr, Cluster cluster, CancellationToken cancellationToken)
    {
        var role = Node(nodeId).Role;
        var certificate = Sign(csr, new PeerIdentity(cluster.Id, SwarmRoles.Name(role), nodeId), cluster);
        await WriteAsync(
            transaction =>
            {
                var node = (transaction.View.Nodes.Get(nodeId) ?? throw Unknown(nodeId)).Clone();
                node.Certificate = certificate.Clone();
                transaction.Update(node);
            },
            cancellationToken);
        return new IssueNodeCertificateResponse { NodeId = nodeId, NodeMembership = Node(nodeId).Spec.Membership };
    }

    /// <summary>Answers once the state is final; until then the caller waits, up to its own deadline.</summary>
    private async Task<NodeCertificateStatusResponse> NodeCertificateStatusAsync(NodeCertificateStatusRequest request, ServerCallContext call)
    {
        using var changes = store.Watch(change => change.Subject is Node node && node.Id == request.NodeId);
        while (true)
        {
            var certificate = Node(request.NodeId).Certificate;
            if (certificate?.Status?.State is IssuanceStatus.Types.State.IssuanceIssued
                or IssuanceStatus.Types.State.IssuanceFailed or IssuanceStatus.Types.State.IssuanceRotate)
            {
                return new NodeCertificateStatusResponse { Status = certificate.Status, Certificate = certificate };
            }

            await changes.Events.ReadAsync(call.CancellationToken);
        }
    }

    private Certificate Sign(ByteString csr, PeerIdentity identity, Cluster cluster)
    {
        using var root = RootCa.Load(cluster.RootCa.CaCert.Span, cluster.RootCa.CaKey.Span);
        var validity = cluster.Spec.CaConfig?.NodeCertExpiry?.ToTimeSpan() ?? RootCa.DefaultNodeValidity;
        var pem = root.Sign(csr.Span, identity, validity, time.GetUtcNow());
        return new Certificate
        {
            Role = identity.NodeRole,
            Csr = csr,
            Status = new IssuanceStatus { State = IssuanceStatus.Types.State.IssuanceIssued },
            Certificate_ = UnsafeByteOperations.UnsafeWrap(pem),
            Cn = identity.NodeId,
        };
    }

    private async Task WriteAsync(Action<StoreTransaction> change, CancellationToken cancellationToken)
    {
        try
        {
            await store.UpdateAsync(change, cancellationToken);
        }
        catch (StoreException failure)
        {
            throw new RpcException(StatusCode.Unavailable, failure.Message, failure);
        }
    }

    private Cluster Cluster() => store.View.Cluster ?? throw new RpcException(StatusCode.Unavailable, "This manager has not loaded its swarm yet.");

    private Node Node(string id) => store.View.Nodes.Get(id) ?? throw Unknown(id);

    private static RpcException Unknown(string id) => new(StatusCode.NotFound, $"node {id} not found when attempting to renew certificate");

    // Both comparisons run in full whatever the token, so that timing tells nothing about either.
    private static NodeRole? RoleOfToken(string token, JoinTokens tokens)
    {
        var given = Encoding.UTF8.GetBytes(token);
        var isManager = tokens.Manager.Length > 0 && CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes(tokens.Manager));
        var isWorker = tokens.Worker.Length > 0 && CryptographicOperations.FixedTimeEquals(given, Encoding.UTF8.GetBytes(tokens.Worker));
        return isManager ? NodeRole.Manager : isWorker ? NodeRole.Worker : null;
    }
}
