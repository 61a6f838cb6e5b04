using SwarmNet.Ca;
using SwarmNet.Grpc;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Certificates;

/// <summary>Who may call what: roles from the certificate, the swarm it belongs to, nodes that were removed. Texts are SwarmKit's.</summary>
internal static class Authorizer
{
    /// <summary>Decides about one call on the present view of the store.</summary>
    public static GrpcStatus Check(ServerCallContext call, ClusterStore store)
    {
        // Managers of one swarm forward calls for others under this key. Taken for the manager's own call it would be a way around the roles.
        if (call.Metadata("forwarded_cert").Count > 0)
        {
            return Denied("forwarded calls are not accepted by this manager");
        }

        return Check(call.Method.Roles, call.Caller(), store.View.Cluster);
    }

    /// <summary>The decision, pure. No roles: anybody, with or without a certificate.</summary>
    public static GrpcStatus Check(IReadOnlyList<string> roles, PeerIdentity? peer, Cluster? cluster)
    {
        if (roles.Count == 0)
        {
            return GrpcStatus.OK;
        }

        if (cluster is null)
        {
            return new GrpcStatus(StatusCode.Unavailable, "This manager has not loaded its swarm yet.");
        }

        if (peer is null)
        {
            return Denied("unable to get peer from context: no client certificates in request");
        }

        if (!roles.Contains(peer.Role))
        {
            return Denied($"remote certificate not part of OUs: [{string.Join(' ', roles)}]");
        }

        return CheckMember(peer, cluster);
    }

    /// <summary>Whether the certificate is one of this swarm's, and its node not removed.</summary>
    public static GrpcStatus CheckMember(PeerIdentity peer, Cluster cluster)
    {
        if (cluster.BlacklistedCertificates.ContainsKey(peer.NodeId))
        {
            return Denied($"node {peer.NodeId} was removed from swarm");
        }

        return peer.ClusterId == cluster.Id ? GrpcStatus.OK : Denied($"remote certificate not part of organization: {cluster.Id}");
    }

    private static GrpcStatus Denied(string reason) => new(
        StatusCode.PermissionDenied,
        $"Permission denied: unauthorized peer role: rpc error: code = PermissionDenied desc = Permission denied: {reason}");
}
