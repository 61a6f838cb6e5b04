using SwarmNet.Ca;

namespace SwarmNet.Manager.AtRest;

/// <summary>
/// The file <c>keys</c> of a manager's state folder (mode 0600), and what is in it. Written whole or not at all; a file that cannot be used is
/// never touched. Not thread-safe.
/// </summary>
internal sealed class KeyFile
{
    private readonly string _path;

    private KeyFile(string path, KeyFileContents contents, UnlockKey? unlockKey)
    {
        _path = path;
        Contents = contents;
        UnlockKey = unlockKey;
    }

    /// <summary>What the file says now.</summary>
    public KeyFileContents Contents { get; private set; }

    /// <summary>What the file is sealed with; null = it is in the clear.</summary>
    public UnlockKey? UnlockKey { get; private set; }

    /// <summary>What the private key of the node's certificate is sealed with; null = it is in the clear.</summary>
    public byte[]? CertificateKey => UnlockKey is null ? null : Contents.Keys.CertificateKey.ToArray();

    public static string PathIn(string stateDirectory) => Path.Combine(stateDirectory, "keys");

    /// <summary>Makes the file of a new manager.</summary>
    public static KeyFile Create(string stateDirectory, UnlockKey? unlockKey)
    {
        var file = new KeyFile(PathIn(stateDirectory), new KeyFileContents(ManagerKeys.Create(), 0), unlockKey);
        file.Save(file.Contents, unlockKey);
        return file;
    }

    /// <summary>
    /// Reads the file. An unlock key for a file that is in the clear is ignored. Throws <see cref="ManagerLockedException"/> when it is sealed and
    /// the key is missing or wrong, <see cref="InvalidDataException"/> with a sentence when it is missing or cannot be used.
    /// </summary>
    public static KeyFile Load(string stateDirectory, UnlockKey? unlockKey)
    {
        var path = PathIn(stateDirectory);
        var status = KeyFileCodec.TryDecode(Read(path), unlockKey, out var contents, out var isSealed);
        return status switch
        {
            KeyFileStatus.Open => new KeyFile(path, contents!, isSealed ? unlockKey : null),
            KeyFileStatus.Locked => throw new ManagerLockedException(isWrongKey: false),
            KeyFileStatus.WrongKey => throw new ManagerLockedException(isWrongKey: true),
            KeyFileStatus.OtherVersion => throw new InvalidDataException(
                $"{path} was written in another format than version {KeyFileCodec.FormatVersion}: start the program version that wrote it."),
            _ => throw new InvalidDataException($"{path}, which holds the manager's keys, is damaged: {Remedy}"),
        };
    }

    /// <summary>Replaces the file. Throws <see cref="IOException"/>, and then it is as it was.</summary>
    public void Save(KeyFileContents contents, UnlockKey? unlockKey)
    {
        DurableFile.Replace(_path, KeyFileCodec.Encode(contents, unlockKey), DurableFile.Secret);
        Contents = contents;
        UnlockKey = unlockKey;
    }

    private const string Remedy =
        "without them its log cannot be read. Put the file back from a copy of this folder; or leave the swarm with --force, and join it again or restore it from a backup.";

    private static byte[] Read(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (FileNotFoundException e)
        {
            throw new InvalidDataException($"{path}, which holds the manager's keys, is missing: {Remedy}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidDataException($"{path}, which holds the manager's keys, cannot be read: {e.Message}", e);
        }
    }
}
