using Microsoft.AspNetCore.Http;
using SwarmNet.Agent.Network;
using SwarmNet.Ca;
using SwarmNet.Manager;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi;

/// <summary>This node's place in a swarm: what the API routes under /swarm and /info act on (moby <c>daemon/cluster</c>).</summary>
public interface ISwarmNode
{
    /// <summary>Where this node stands now.</summary>
    SwarmNodeStatus Status { get; }

    /// <summary>The manager running on this node; null on a worker, outside a swarm, and while starting.</summary>
    SwarmManager? Manager { get; }

    /// <summary>Answers requests that another manager passes on to this node's manager, which leads; set by the API server.</summary>
    RequestDelegate? ForwardedApi { get; set; }

    /// <summary>Starts a new swarm with this node as its manager; the node id. Throws <see cref="ApiException"/>.</summary>
    Task<string> InitAsync(SwarmInit request, CancellationToken cancellationToken);

    /// <summary>Joins an existing swarm; returns when the node has its first session. Throws <see cref="ApiException"/>.</summary>
    Task JoinAsync(SwarmJoin request, CancellationToken cancellationToken);

    /// <summary>Leaves the swarm: stops its tasks, forgets its state. Throws <see cref="ApiException"/>.</summary>
    Task LeaveAsync(bool force, CancellationToken cancellationToken);

    /// <summary>Starts the manager of this node, which is <see cref="LocalNodeState.Locked"/>. Throws <see cref="ApiException"/>: 401 for a wrong key.</summary>
    Task UnlockAsync(UnlockKey key, CancellationToken cancellationToken);

    /// <summary>
    /// Makes this host, which is in no swarm, the only manager of the swarm in a backup; the node's id. When it fails, nothing is left behind.
    /// Throws <see cref="ApiException"/>.
    /// </summary>
    Task<string> RestoreAsync(SwarmRestore request, CancellationToken cancellationToken);

    /// <summary>Compares this node's network with its kernel, and puts differences right when asked to. Throws <see cref="ApiException"/> outside a swarm.</summary>
    Task<NetworkReport> ExamineNetworkAsync(bool repair, CancellationToken cancellationToken);
}

/// <summary>Values of <c>LocalNodeState</c>, as the API spells them in lower case.</summary>
public enum LocalNodeState
{
    /// <summary>Not part of a swarm.</summary>
    Inactive,

    /// <summary>Joining.</summary>
    Pending,

    /// <summary>Part of a swarm.</summary>
    Active,

    /// <summary>Stopped by an error.</summary>
    Error,

    /// <summary>Waits for the unlock key.</summary>
    Locked,
}

/// <summary>This node's place in a swarm.</summary>
/// <param name="State">Local state.</param>
/// <param name="NodeId">Node id, empty outside a swarm.</param>
/// <param name="NodeAddr">Advertised IP address, empty outside a swarm.</param>
/// <param name="Error">
/// Why the state is <see cref="LocalNodeState.Error"/>; on an active manager, why it cannot tell the swarm's state (there is no leader); else empty.
/// </param>
/// <param name="RemoteManagers">Known managers.</param>
public sealed record SwarmNodeStatus(
    LocalNodeState State, string NodeId, string NodeAddr, string Error, IReadOnlyList<Peer> RemoteManagers);

/// <summary>Body of POST /swarm/init, with the specification already converted.</summary>
public sealed record SwarmInit(
    string ListenAddr,
    string AdvertiseAddr,
    string DataPathAddr,
    uint DataPathPort,
    bool ForceNewCluster,
    bool AutoLockManagers,
    NodeAvailability Availability,
    IReadOnlyList<string> DefaultAddrPool,
    uint SubnetSize,
    ClusterSpec Spec);

/// <summary>Body of POST /swarm/join.</summary>
public sealed record SwarmJoin(
    string ListenAddr,
    string AdvertiseAddr,
    string DataPathAddr,
    IReadOnlyList<string> RemoteAddrs,
    string JoinToken,
    NodeAvailability Availability);

/// <summary>What POST /swarm/restore asks for.</summary>
/// <param name="Backup">The backup's file.</param>
/// <param name="UnlockKey">Opens a backup that is sealed; null = none was given.</param>
/// <param name="ListenAddr">As of init.</param>
/// <param name="AdvertiseAddr">As of init.</param>
/// <param name="DataPathAddr">As of init.</param>
/// <param name="Force">Also while the swarm of the backup still answers somewhere.</param>
public sealed record SwarmRestore(
    ReadOnlyMemory<byte> Backup, UnlockKey? UnlockKey, string ListenAddr, string AdvertiseAddr, string DataPathAddr, bool Force);

/// <summary>An error with the HTTP status and the text that Docker clients expect.</summary>
public sealed class ApiException(int status, string message) : Exception(message)
{
    /// <summary>HTTP status code.</summary>
    public int Status { get; } = status;
}
