using SwarmNet.Ca;
using SwarmNet.Grpc;
using SwarmNet.Manager.Certificates;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Attachments;

/// <summary>
/// The ResourceAllocator service (SwarmKit <c>manager/resourceapi</c>): an engine asks it for an address on an attachable network for a container that belongs to no
/// service (<c>docker run --network</c>), and gives it back. The answer comes as a task for that node whose runtime is an attachment.
/// </summary>
internal sealed class ResourceAllocator(ClusterStore store)
{
    /// <summary>Maps the methods.</summary>
    public void Map(GrpcServer server)
    {
        server.MapUnary(SwarmKitMethods.AttachNetwork, AttachAsync);
        server.MapUnary(SwarmKitMethods.DetachNetwork, DetachAsync);
    }

    private async Task<AttachNetworkResponse> AttachAsync(AttachNetworkRequest request, ServerCallContext call)
    {
        var nodeId = Caller(call);
        var target = request.Config?.Target ?? "";
        var id = Identifiers.New();
        await store.UpdateAsync(
            transaction =>
            {
                var view = transaction.View;
                var network = view.Networks.Get(target) ?? view.Networks.FindByName(target)
                    ?? throw new RpcException(StatusCode.NotFound, $"network {target} not found");
                if (!network.Spec.Attachable)
                {
                    throw new RpcException(StatusCode.PermissionDenied, $"network {target} not manually attachable");
                }

                var task = new SwarmTask
                {
                    Id = id,
                    NodeId = nodeId,
                    Spec = new TaskSpec
                    {
                        Attachment = new NetworkAttachmentSpec { ContainerId = request.ContainerId },
                        Networks = { new NetworkAttachmentConfig { Target = network.Id, Addresses = { request.Config!.Addresses } } },
                    },
                    Status = new TaskStatus { State = TaskState.New, Message = "created", Timestamp = transaction.Now },
                    DesiredState = TaskState.Running,
                };
                transaction.Create(task);
            },
            call.CancellationToken);
        return new AttachNetworkResponse { AttachmentId = id };
    }

    private async Task<DetachNetworkResponse> DetachAsync(DetachNetworkRequest request, ServerCallContext call)
    {
        var nodeId = Caller(call);
        var id = request.AttachmentId;
        if (id.Length == 0)
        {
            throw new RpcException(StatusCode.InvalidArgument, "invalid argument");
        }

        await store.UpdateAsync(
            transaction =>
            {
                if (transaction.View.Tasks.Get(id) is not { Spec.RuntimeCase: TaskSpec.RuntimeOneofCase.Attachment } task)
                {
                    throw new RpcException(StatusCode.NotFound, $"attachment {id} not found");
                }

                if (task.NodeId != nodeId)
                {
                    throw new RpcException(StatusCode.PermissionDenied, $"attachment {id} doesn't belong to this node");
                }

                transaction.Remove(task);
            },
            call.CancellationToken);
        return new DetachNetworkResponse();
    }

    private static string Caller(ServerCallContext call) =>
        call.Caller()?.NodeId ?? throw new RpcException(StatusCode.PermissionDenied, "Permission denied: no client certificates in request");
}
