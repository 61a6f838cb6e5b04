namespace SwarmNet.Raft;

/// <summary>The log or a snapshot on disk cannot be read or written.</summary>
public sealed class RaftStorageException : RaftException
{
    /// <summary>Creates it for a file or folder.</summary>
    public RaftStorageException(string message, string path, Exception? cause = null)
        : base(message, cause!) => Path = path;

    /// <summary>The file or folder.</summary>
    public string Path { get; }
}
