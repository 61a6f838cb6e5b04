namespace SwarmNet.Agent.Executor;

/// <summary>A line that a container wrote.</summary>
/// <param name="IsError">Standard error rather than output.</param>
/// <param name="Time">When it was read.</param>
/// <param name="Line">UTF-8, with the line feed; lines beyond 16 KiB come in parts, all but the last without one.</param>
public readonly record struct ContainerLogEntry(bool IsError, DateTimeOffset Time, ReadOnlyMemory<byte> Line);

/// <summary>Which lines of a log.</summary>
public sealed record ContainerLogQuery
{
    /// <summary>Standard output.</summary>
    public bool Output { get; init; } = true;

    /// <summary>Standard error.</summary>
    public bool Error { get; init; } = true;

    /// <summary>Go on with new lines until the container ends.</summary>
    public bool Follow { get; init; }

    /// <summary>Only lines from then on; null for all.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>At most that many of the lines already written, the last ones; null for all.</summary>
    public int? Tail { get; init; }
}
