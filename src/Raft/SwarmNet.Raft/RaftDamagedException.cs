namespace SwarmNet.Raft;

/// <summary>
/// The folder has lost something that may have been acknowledged or voted: a file fails its check or is missing. It stays as it was found. The node
/// must not start from it under its id again; with its cluster alive it is set aside, and the node joins anew, empty, under a new id.
/// </summary>
public sealed class RaftDamagedException : RaftStorageException
{
    /// <summary>Creates it for a file, at an offset if that is known, or a folder.</summary>
    public RaftDamagedException(string message, string path, long? offset = null)
        : base(message, path) => Offset = offset;

    /// <summary>Where in the file the damage begins, in bytes; null = the file as a whole, or one is missing.</summary>
    public long? Offset { get; }
}
