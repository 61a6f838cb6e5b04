using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using SwarmNet.Ca;
using SwarmNet.Grpc;
using SwarmNet.Manager.Certificates;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;
using SwarmNet.Raft;

namespace SwarmNet.Manager.Raft;

/// <summary>
/// The RaftMembership service (SwarmKit <c>manager/state/raft</c>, Join): a node with a manager's certificate says under which id and address its
/// manager is to be found. The rest is <see cref="RolePlan"/>'s. Asked again it changes the address of a member that has moved.
/// </summary>
internal sealed class MembershipService(ClusterStore store, Func<NodeCertificate> certificate)
{
    private static readonly TimeSpan s_dialPatience = TimeSpan.FromSeconds(5);

    /// <summary>Maps the methods.</summary>
    public void Map(GrpcServer server) => server.MapUnary(SwarmKitMethods.RaftJoin, JoinAsync);

    private async Task<RaftJoinResponse> JoinAsync(RaftJoinRequest request, ServerCallContext call)
    {
        if (request.RaftId == 0)
        {
            throw new RpcException(
                StatusCode.FailedPrecondition,
                "Stock engines can join this swarm as workers only: its managers replicate in a format of their own. Join with the worker token.");
        }

        var nodeId = call.Caller()?.NodeId ?? throw new RpcException(StatusCode.PermissionDenied, "Permission denied: the call needs a node's certificate");
        Check(store.View, nodeId, request.RaftId);
        var address = AddressOf(request.Addr, call.CallerAddress());
        await DialAsync(address, nodeId, call.CancellationToken);
        try
        {
            await store.UpdateAsync(
                transaction =>
                {
                    Check(transaction.View, nodeId, request.RaftId);
                    var node = transaction.View.Nodes.Get(nodeId)!.Clone();
                    if (node.ManagerStatus?.RaftId != request.RaftId)
                    {
                        node.ManagerStatus = new ManagerStatus { RaftId = request.RaftId, Reachability = Reachability.Unreachable };
                    }

                    if (node.ManagerStatus.Addr != address)
                    {
                        node.ManagerStatus.Addr = address;
                        transaction.Update(node);
                    }
                },
                call.CancellationToken);
        }
        catch (StoreException failure)
        {
            throw new RpcException(StatusCode.Unavailable, failure.Message, failure);
        }

        var response = new RaftJoinResponse { RaftId = request.RaftId };
        response.Members.AddRange(RaftPeers.Members(store.View).Select(peer => new RaftMember { RaftId = peer.RaftId, NodeId = peer.NodeId, Addr = peer.Addr }));
        return response;
    }

    /// <summary>Refuses a node that should be no manager, and a second manager in a node's name.</summary>
    private static void Check(StoreView view, string nodeId, ulong raftId)
    {
        var node = view.Nodes.Get(nodeId) ?? throw new RpcException(StatusCode.NotFound, $"node {nodeId} not found");
        if (node.Spec.DesiredRole != NodeRole.Manager)
        {
            throw new RpcException(StatusCode.FailedPrecondition, $"node {nodeId} is not to be a manager: promote it first");
        }

        if (node.ManagerStatus is { RaftId: not 0, Reachability: Reachability.Reachable } status && status.RaftId != raftId)
        {
            throw new RpcException(
                StatusCode.FailedPrecondition,
                $"node {nodeId} has a manager at {status.Addr} already: two hosts must not share one identity; on one of them run \"swarm leave --force\" and join again");
        }
    }

    /// <summary>A newcomer that does not know its own address gets the one that it calls from.</summary>
    private static string AddressOf(string text, IPEndPoint? caller)
    {
        if (!IPEndPoint.TryParse(text, out var address) || address.Port == 0)
        {
            throw new RpcException(StatusCode.InvalidArgument, $"invalid address \"{text}\": address and port are needed, such as 192.0.2.10:2377");
        }

        return caller is not null && (address.Address.Equals(IPAddress.Any) || address.Address.Equals(IPAddress.IPv6Any))
            ? new IPEndPoint(caller.Address, address.Port).ToString()
            : text;
    }

    private async Task DialAsync(string address, string nodeId, CancellationToken cancellationToken)
    {
        var own = certificate();
        if (own.Identity.NodeId == nodeId)
        {
            return;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_dialPatience);
        try
        {
            await using var connection = await SwarmTls.ConnectAsync(address, nodeId, own, RaftTransport.ApplicationProtocol, patience.Token);
        }
        catch (Exception failure) when (failure is SocketException or IOException or AuthenticationException or OperationCanceledException
            && !cancellationToken.IsCancellationRequested)
        {
            throw new RpcException(
                StatusCode.FailedPrecondition,
                $"could not connect to prospective new cluster member using its advertised address: {address}: {failure.Message}",
                failure);
        }
    }
}
