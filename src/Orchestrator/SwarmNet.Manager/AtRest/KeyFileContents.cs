namespace SwarmNet.Manager.AtRest;

/// <summary>What a manager's key file says.</summary>
/// <param name="Keys">The keys.</param>
/// <param name="ClusterVersion">Version of the cluster object that said whether, and with what, the file is sealed; 0 = none yet.</param>
internal sealed record KeyFileContents(ManagerKeys Keys, ulong ClusterVersion);
