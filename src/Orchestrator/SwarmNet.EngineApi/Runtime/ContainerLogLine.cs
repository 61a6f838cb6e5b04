namespace SwarmNet.EngineApi.Runtime;

/// <summary>A line that a container wrote.</summary>
/// <param name="IsError">Standard error rather than output.</param>
/// <param name="Time">When.</param>
/// <param name="Line">The bytes, with the line feed.</param>
public readonly record struct ContainerLogLine(bool IsError, DateTimeOffset Time, ReadOnlyMemory<byte> Line);
