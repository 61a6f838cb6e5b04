namespace SwarmNet.Raft;

/// <summary>A file is encrypted with a key that was not given. Nothing was changed; open the folder with that key too.</summary>
public sealed class RaftDataKeyException : RaftStorageException
{
    /// <summary>Creates it for a file.</summary>
    public RaftDataKeyException(string message, string path)
        : base(message, path)
    {
    }
}
