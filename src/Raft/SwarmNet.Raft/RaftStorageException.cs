namespace SwarmNet.Raft;

/// <summary>
/// The log or a snapshot on disk cannot be read or written. <see cref="RaftDamagedException"/> and <see cref="RaftDataKeyException"/> say more; any
/// other one is for whoever runs the node: the folder is in use, belongs to another node or program version, or the disk failed.
/// </summary>
public class RaftStorageException : RaftException
{
    /// <summary>Creates it for a file or folder.</summary>
    public RaftStorageException(string message, string path, Exception? cause = null)
        : base(message, cause!) => Path = path;

    /// <summary>The file or folder.</summary>
    public string Path { get; }
}
