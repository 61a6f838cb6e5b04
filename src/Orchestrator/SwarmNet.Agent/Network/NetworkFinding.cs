using SwarmNet.Overlay.Repairs;

namespace SwarmNet.Agent.Network;

/// <summary>A difference between what a node's network should be and what its kernel has.</summary>
/// <param name="Scope">What it concerns: <c>network NAME</c>, <c>task NAME</c>, <c>mesh</c>, <c>gateway</c> or <c>encrypted networks</c>.</param>
/// <param name="Repair">The object and the difference.</param>
/// <param name="IsRepaired">Whether it was put right.</param>
public sealed record NetworkFinding(string Scope, Repair Repair, bool IsRepaired);

/// <summary>Wanted against actual on one node.</summary>
/// <param name="Networks">Overlay networks that were compared: name, number of endpoints here, number of endpoints elsewhere.</param>
/// <param name="Sandboxes">Number of task namespaces that were compared.</param>
/// <param name="Findings">What differs; empty = all is as wanted.</param>
public sealed record NetworkReport(IReadOnlyList<(string Name, int Local, int Remote)> Networks, int Sandboxes, IReadOnlyList<NetworkFinding> Findings);
