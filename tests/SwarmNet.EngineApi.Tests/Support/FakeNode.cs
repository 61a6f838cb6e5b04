using SwarmNet.Agent.Network;
using SwarmNet.Ca;
using SwarmNet.Manager;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Tests.Support;

/// <summary>A node whose membership the test sets; remembers what it was asked.</summary>
internal sealed class FakeNode : ISwarmNode
{
    public Microsoft.AspNetCore.Http.RequestDelegate? ForwardedApi { get; set; }

    public SwarmNodeStatus Status { get; set; } = new(LocalNodeState.Inactive, "", "", "", []);

    public SwarmManager? Manager => null;

    /// <summary>The store behind the API; null on a worker.</summary>
    public ClusterStore? Store { get; init; }

    public SwarmInit? Init { get; private set; }

    public SwarmJoin? Join { get; private set; }

    public bool? LeftWithForce { get; private set; }

    public Task<string> InitAsync(SwarmInit request, CancellationToken cancellationToken)
    {
        Init = request;
        return Status.State == LocalNodeState.Inactive
            ? Task.FromResult("l913u9yfotbcid7ufifhbcebk")
            : throw new ApiException(503, Swarm.SwarmTexts.AlreadyInSwarm);
    }

    public Task JoinAsync(SwarmJoin request, CancellationToken cancellationToken)
    {
        Join = request;
        return Status.State == LocalNodeState.Inactive ? Task.CompletedTask : throw new ApiException(503, Swarm.SwarmTexts.AlreadyInSwarm);
    }

    public UnlockKey? Unlocked { get; private set; }

    public SwarmRestore? Restore { get; private set; }

    /// <summary>The key of a locked node; any other is wrong.</summary>
    public UnlockKey? Lock { get; set; }

    public Task UnlockAsync(UnlockKey key, CancellationToken cancellationToken)
    {
        Unlocked = key;
        return key.Equals(Lock) ? Task.CompletedTask : throw new ApiException(401, Swarm.SwarmTexts.WrongUnlockKey);
    }

    public Task<string> RestoreAsync(SwarmRestore request, CancellationToken cancellationToken)
    {
        Restore = request;
        return Task.FromResult("l913u9yfotbcid7ufifhbcebk");
    }

    public bool? ExaminedWithRepair { get; private set; }

    public NetworkReport Report { get; set; } = new([], 0, []);

    public Task<NetworkReport> ExamineNetworkAsync(bool repair, CancellationToken cancellationToken)
    {
        ExaminedWithRepair = repair;
        return Status.State == LocalNodeState.Inactive ? throw new ApiException(503, Swarm.SwarmTexts.NotInSwarm) : Task.FromResult(Report);
    }

    public Task LeaveAsync(bool force, CancellationToken cancellationToken)
    {
        LeftWithForce = force;
        return Status.State switch
        {
            LocalNodeState.Inactive => throw new ApiException(503, Swarm.SwarmTexts.NotInSwarm),
            _ when !force && Swarm.LeaveProtection.Refusal(Status.State, Store is not null, Store?.View, Status.NodeId, Status.Error.Length == 0) is { } refusal =>
                throw new ApiException(503, refusal),
            _ => Task.CompletedTask,
        };
    }
}
