namespace SwarmNet.Ca;

/// <summary>
/// The certificate files of a node, named as Docker names them, in <c>&lt;state&gt;/certificates</c>: <c>swarm-root-ca.crt</c>,
/// <c>swarm-node.crt</c>, <c>swarm-node.key</c> (mode 0600). Every file is replaced whole or not at all, also when the machine dies. On a
/// manager that is locked the key is sealed.
/// </summary>
/// <param name="stateFolder">The node's state folder.</param>
/// <param name="sealingKey">32 bytes with which the private key is sealed; null = it is in the clear.</param>
public sealed class CertificateStore(string stateFolder, byte[]? sealingKey = null)
{
    private readonly string _folder = Path.Combine(stateFolder, "certificates");
    private byte[]? _sealingKey = sealingKey;

    private string RootFile => Path.Combine(_folder, "swarm-root-ca.crt");

    private string CertificateFile => Path.Combine(_folder, "swarm-node.crt");

    private string KeyFile => Path.Combine(_folder, "swarm-node.key");

    // Written complete before the key is replaced: a crash between the two renames is finished by the next load.
    private string PendingCertificateFile => CertificateFile + ".new";

    /// <summary>Whether this node has ever had a certificate here.</summary>
    public bool Exists => File.Exists(KeyFile) && File.Exists(RootFile);

    /// <summary>
    /// Reads the files; an expired certificate is returned too. A private key in the clear is taken also where a sealed one is expected: a crash
    /// may have come before it was sealed. Throws <see cref="CaException"/> when files are missing, do not fit, or are sealed with another key.
    /// </summary>
    public NodeCertificate Load()
    {
        try
        {
            var root = TrustRoot.Parse(File.ReadAllBytes(RootFile));
            var key = ReadKey();
            if (File.Exists(PendingCertificateFile) && TryCreate(PendingCertificateFile, key, root) is { } pending)
            {
                File.Move(PendingCertificateFile, CertificateFile, overwrite: true);
                return pending;
            }

            return NodeCertificate.Create(File.ReadAllBytes(CertificateFile), key, root, requireValidNow: false);
        }
        catch (IOException missing)
        {
            throw new CaException($"The node's certificate cannot be read from {_folder}: {missing.Message}", inner: missing);
        }
    }

    /// <summary>Writes all three files.</summary>
    public void Save(NodeCertificate certificate)
    {
        EnsureFolder();
        SaveRoot(certificate.Root);
        DurableFile.WriteAside(PendingCertificateFile, certificate.Pem.Span, DurableFile.Public);
        DurableFile.Replace(KeyFile, AtRest(certificate.KeyPem.Span), DurableFile.Secret);
        DurableFile.Rename(PendingCertificateFile, CertificateFile);
    }

    /// <summary>Seals the private key from now on, or (null) keeps it in the clear. Nothing is written when it is so already.</summary>
    public void Seal(byte[]? sealingKey)
    {
        var key = ReadKey();
        var isSealed = SealedKeyPem.IsSealed(File.ReadAllBytes(KeyFile));
        if (isSealed != (sealingKey is not null) || (isSealed && !sealingKey.AsSpan().SequenceEqual(_sealingKey)))
        {
            DurableFile.Replace(KeyFile, sealingKey is { } with ? SealedKeyPem.Seal(with, key) : key, DurableFile.Secret);
        }

        _sealingKey = sealingKey;
    }

    /// <summary>Writes the root alone: a joining node has it first.</summary>
    public void SaveRoot(TrustRoot root)
    {
        EnsureFolder();
        DurableFile.Replace(RootFile, root.Pem.Span, DurableFile.Public);
    }

    /// <summary>Removes the files.</summary>
    public void Delete()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    private static NodeCertificate? TryCreate(string file, byte[] key, TrustRoot root)
    {
        try
        {
            return NodeCertificate.Create(File.ReadAllBytes(file), key, root, requireValidNow: false);
        }
        catch (CaException)
        {
            // Left behind by a renewal that never replaced the key.
            return null;
        }
    }

    private void EnsureFolder()
        => Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);

    private byte[] AtRest(ReadOnlySpan<byte> keyPem) => _sealingKey is { } key ? SealedKeyPem.Seal(key, keyPem) : keyPem.ToArray();

    private byte[] ReadKey()
    {
        var file = File.ReadAllBytes(KeyFile);
        if (!SealedKeyPem.IsSealed(file))
        {
            return file;
        }

        return _sealingKey is { } key && SealedKeyPem.TryOpen(key, file) is { } opened
            ? opened
            : throw new CaException(
                $"The node's private key in {KeyFile} is sealed, and the manager's keys beside it do not open it: restore the folder from a copy, or leave the swarm with --force and join again.");
    }
}
