namespace SwarmNet.Manager.AtRest;

/// <summary>The manager's keys are sealed: it starts with the unlock key of its swarm, and nothing was changed.</summary>
/// <param name="isWrongKey">Whether a key was given, and is not the one.</param>
public sealed class ManagerLockedException(bool isWrongKey) : Exception(
    isWrongKey ? "invalid key provided" : "node is locked, and needs a valid unlock key")
{
    /// <summary>Whether a key was given, and is not the one.</summary>
    public bool IsWrongKey { get; } = isWrongKey;
}
