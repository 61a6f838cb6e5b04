namespace SwarmNet.Manager.Control;

/// <summary>Secrets of the cluster that an update renews.</summary>
/// <param name="WorkerJoinToken">New token for workers.</param>
/// <param name="ManagerJoinToken">New token for managers.</param>
/// <param name="ManagerUnlockKey">New unlock key.</param>
public readonly record struct ClusterRotation(bool WorkerJoinToken, bool ManagerJoinToken, bool ManagerUnlockKey);
