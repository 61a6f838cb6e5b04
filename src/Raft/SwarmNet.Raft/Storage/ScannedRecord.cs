namespace SwarmNet.Raft;

/// <summary>A whole record; the payload lies at <paramref name="PayloadOffset"/> of the segment.</summary>
internal readonly record struct ScannedRecord(
    RecordType Type, byte EntryType, ulong Term, ulong Index, int PayloadOffset, int PayloadBytes);
