namespace SwarmNet.Raft;

/// <summary>The disk is full. Nothing was appended; reads go on, and proposals are taken again once there is space.</summary>
public sealed class RaftDiskFullException : RaftException
{
    /// <summary>Creates it for the file that could not grow.</summary>
    public RaftDiskFullException(string path, Exception? cause = null)
        : base($"The disk of {path} is full, so nothing can be written; reads go on. Free some space: the node goes on by itself.", cause!) => Path = path;

    /// <summary>The file.</summary>
    public string Path { get; }

    internal static bool Is(IOException exception) =>
        // asm-generic/errno.h: ENOSPC, EDQUOT. The runtime puts the errno of what it does not know into HResult.
        exception.HResult is 28 or 122;
}
