namespace SwarmNet.Manager;

/// <summary>One manager of a swarm: store on Raft, leader services, and what the Engine API and the gRPC services need of them.</summary>
public sealed partial class SwarmManager;
