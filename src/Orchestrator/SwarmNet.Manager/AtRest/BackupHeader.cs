namespace SwarmNet.Manager.AtRest;

/// <summary>What a backup says of itself, readable without a key.</summary>
/// <param name="ClusterId">The swarm.</param>
/// <param name="NodeId">The manager that made it.</param>
/// <param name="Index">The last entry of the log in it.</param>
/// <param name="Term">The term in which it was made.</param>
/// <param name="Time">When it was made, to the millisecond.</param>
public sealed record BackupHeader(string ClusterId, string NodeId, ulong Index, ulong Term, DateTimeOffset Time);
