namespace SwarmNet.Ca;

/// <summary>
/// The certificate that this node uses now, in memory and on disk: shared by the manager's listener, which serves with it, and the agent's
/// session, which renews it. Thread-safe.
/// </summary>
public sealed class NodeSecurity
{
    private readonly Lock _lock = new();
    private readonly CertificateStore _files;
    private volatile NodeCertificate _certificate;

    /// <summary>A certificate that is in its files already.</summary>
    public NodeSecurity(CertificateStore files, NodeCertificate certificate) => (_files, _certificate) = (files, certificate);

    /// <summary>Raised after each change, on the thread that made it.</summary>
    public event Action<NodeCertificate>? Changed;

    /// <summary>The certificate of the moment.</summary>
    public NodeCertificate Certificate => _certificate;

    /// <summary>Reads the files of a node that was in a swarm before. Throws <see cref="CaException"/>.</summary>
    /// <param name="stateFolder">The node's state folder.</param>
    /// <param name="sealingKey">Of a manager that is locked: what its private key is sealed with.</param>
    public static NodeSecurity Load(string stateFolder, byte[]? sealingKey = null)
    {
        var files = new CertificateStore(stateFolder, sealingKey);
        return new NodeSecurity(files, files.Load());
    }

    /// <summary>Writes the files of a node that has just got its first certificate.</summary>
    /// <param name="stateFolder">The node's state folder.</param>
    /// <param name="certificate">The certificate.</param>
    /// <param name="sealingKey">Of a manager that is locked: what its private key is sealed with.</param>
    public static NodeSecurity Create(string stateFolder, NodeCertificate certificate, byte[]? sealingKey = null)
    {
        var files = new CertificateStore(stateFolder, sealingKey);
        files.Save(certificate);
        return new NodeSecurity(files, certificate);
    }

    /// <summary>
    /// Seals the private key on disk from now on, or (null) keeps it in the clear. Throws <see cref="IOException"/>, and then it stays as it was.
    /// </summary>
    public void Seal(byte[]? sealingKey)
    {
        lock (_lock)
        {
            _files.Seal(sealingKey);
        }
    }

    /// <summary>Saves the new certificate, then uses it. Throws <see cref="IOException"/>, and then the old one stays.</summary>
    public void Replace(NodeCertificate certificate)
    {
        lock (_lock)
        {
            _files.Save(certificate);
            _certificate = certificate;
        }

        Changed?.Invoke(certificate);
    }
}
