namespace SwarmNet.Manager.AtRest;

/// <summary>A backup that cannot be restored; the message says what was found and what to do.</summary>
/// <param name="message">A sentence.</param>
public sealed class BackupException(string message) : Exception(message);
