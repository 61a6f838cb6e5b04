namespace SwarmNet.Raft.Tests;

/// <summary>A client's write or read of one register. Times are positions in the order of all calls and returns.</summary>
internal sealed class Operation
{
    public const long Never = long.MaxValue;

    public required int Key { get; init; }

    public required bool IsWrite { get; init; }

    /// <summary>What was written or read.</summary>
    public int Value { get; set; }

    public required long Called { get; init; }

    /// <summary>Never: the outcome is unknown; it may have taken effect at any time after the call, or not.</summary>
    public long Returned { get; set; } = Never;

    public override string ToString() => $"{(IsWrite ? "write" : "read")} {Key} = {Value} [{Called}, {(Returned == Never ? "?" : Returned)}]";
}
