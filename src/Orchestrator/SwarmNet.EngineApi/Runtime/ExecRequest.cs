namespace SwarmNet.EngineApi.Runtime;

/// <summary>A process to run in a container.</summary>
/// <param name="Command">Arguments, the program first.</param>
/// <param name="Environment">Additions to the environment, <c>NAME=value</c>.</param>
/// <param name="WorkingFolder">Empty for the container's.</param>
/// <param name="User">Empty for the container's.</param>
/// <param name="HasTerminal">Give it a terminal.</param>
/// <param name="HasInput">It reads standard input.</param>
public sealed record ExecRequest(
    IReadOnlyList<string> Command, IReadOnlyList<string> Environment, string WorkingFolder, string User, bool HasTerminal, bool HasInput);
