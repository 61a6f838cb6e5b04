namespace SwarmNet.Gossip.NetworkDb;

/// <summary>An entry or its tombstone.</summary>
internal sealed record EntryRecord(string Owner, ulong LTime, byte[] Value, bool Deleting, bool Hidden, TimeSpan ReapAt)
{
    public bool IsVisible => !Deleting && !Hidden;
}
