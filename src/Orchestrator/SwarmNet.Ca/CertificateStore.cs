namespace SwarmNet.Ca;

/// <summary>
/// The certificate files of a node, named as Docker names them, in <c>&lt;state&gt;/certificates</c>: <c>swarm-root-ca.crt</c>,
/// <c>swarm-node.crt</c>, <c>swarm-node.key</c> (mode 0600). Every file is replaced whole or not at all, also when the machine dies.
/// </summary>
public sealed class CertificateStore(string stateFolder)
{
    private readonly string _folder = Path.Combine(stateFolder, "certificates");

    private string RootFile => Path.Combine(_folder, "swarm-root-ca.crt");

    private string CertificateFile => Path.Combine(_folder, "swarm-node.crt");

    private string KeyFile => Path.Combine(_folder, "swarm-node.key");

    // Written complete before the key is replaced: a crash between the two renames is finished by the next load.
    private string PendingCertificateFile => CertificateFile + ".new";

    /// <summary>Whether this node has ever had a certificate here.</summary>
    public bool Exists => File.Exists(KeyFile) && File.Exists(RootFile);

    /// <summary>Reads the files; an expired certificate is returned too. Throws <see cref="CaException"/> when they are missing or do not fit.</summary>
    public NodeCertificate Load()
    {
        try
        {
            var root = TrustRoot.Parse(File.ReadAllBytes(RootFile));
            var key = File.ReadAllBytes(KeyFile);
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
        WriteAside(PendingCertificateFile, certificate.Pem.Span, secret: false);
        Replace(KeyFile, certificate.KeyPem.Span, secret: true);
        File.Move(PendingCertificateFile, CertificateFile, overwrite: true);
    }

    /// <summary>Writes the root alone: a joining node has it first.</summary>
    public void SaveRoot(TrustRoot root)
    {
        EnsureFolder();
        Replace(RootFile, root.Pem.Span, secret: false);
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

    private static void Replace(string file, ReadOnlySpan<byte> contents, bool secret)
    {
        var aside = file + ".tmp";
        WriteAside(aside, contents, secret);
        File.Move(aside, file, overwrite: true);
    }

    private static void WriteAside(string file, ReadOnlySpan<byte> contents, bool secret)
    {
        File.Delete(file);
        using var stream = new FileStream(file, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = secret
                ? UnixFileMode.UserRead | UnixFileMode.UserWrite
                : UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead,
        });
        stream.Write(contents);
        stream.Flush(flushToDisk: true);
    }
}
