using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SwarmNet.Protocol;

namespace SwarmNet.Ca;

/// <summary>This node's certificate with its key and the root it trusts. Immutable: a renewal makes a new one.</summary>
public sealed class NodeCertificate
{
    private NodeCertificate(byte[] pem, byte[] keyPem, TrustRoot root, X509Certificate2 certificate, X509Certificate2Collection intermediates, PeerIdentity identity)
    {
        Pem = pem;
        KeyPem = keyPem;
        Root = root;
        Certificate = certificate;
        Identity = identity;

        // Offline: nothing is fetched to complete the chain, which is a root away at most.
        Context = SslStreamCertificateContext.Create(certificate, intermediates, offline: true);
        IssuerSubject = certificate.IssuerName.RawData;
        IssuerPublicKey = IssuerOf(certificate, intermediates.Concat(root.Certificates)).PublicKey.ExportSubjectPublicKeyInfo();
    }

    /// <summary>Leaf and intermediates as PEM.</summary>
    public ReadOnlyMemory<byte> Pem { get; }

    /// <summary>The private key as PEM. A secret.</summary>
    public ReadOnlyMemory<byte> KeyPem { get; }

    /// <summary>What this node trusts.</summary>
    public TrustRoot Root { get; }

    /// <summary>The leaf, with its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Who this node is.</summary>
    public PeerIdentity Identity { get; }

    /// <summary>The leaf as TLS presents it.</summary>
    public SslStreamCertificateContext Context { get; }

    private ReadOnlyMemory<byte> IssuerSubject { get; }

    private ReadOnlyMemory<byte> IssuerPublicKey { get; }

    /// <summary>Start of validity.</summary>
    public DateTimeOffset NotBefore => new(Certificate.NotBefore);

    /// <summary>End of validity.</summary>
    public DateTimeOffset NotAfter => new(Certificate.NotAfter);

    /// <summary>What a node tells its manager about its TLS, so that a root rotation can see that it is done.</summary>
    public NodeTLSInfo TlsInfo => new()
    {
        TrustRoot = Google.Protobuf.ByteString.CopyFrom(Root.Pem.Span),
        CertIssuerSubject = Google.Protobuf.ByteString.CopyFrom(IssuerSubject.Span),
        CertIssuerPublicKey = Google.Protobuf.ByteString.CopyFrom(IssuerPublicKey.Span),
    };

    /// <summary>
    /// Puts the parts together. Throws <see cref="CaException"/> unless the key fits the leaf, the leaf chains to the root, its subject names
    /// cluster, role and node, and (when <paramref name="requireValidNow"/>) it is currently valid.
    /// </summary>
    public static NodeCertificate Create(ReadOnlySpan<byte> pem, ReadOnlySpan<byte> keyPem, TrustRoot root, bool requireValidNow = true)
    {
        X509Certificate2 leaf;
        var intermediates = new X509Certificate2Collection();
        try
        {
            var text = Encoding.UTF8.GetString(pem);
            leaf = X509Certificate2.CreateFromPem(text, Encoding.UTF8.GetString(keyPem));
            intermediates.ImportFromPem(text);
            intermediates.RemoveAt(0);
        }
        catch (Exception invalid) when (invalid is CryptographicException or ArgumentException)
        {
            throw new CaException("The node certificate and its key are not a PEM pair.", inner: invalid);
        }

        if (root.Check(leaf, intermediates, requireValidNow) is { } refusal)
        {
            throw new CaException(refusal);
        }

        return PeerIdentity.TryParse(leaf, out var identity)
            ? new NodeCertificate(pem.ToArray(), keyPem.ToArray(), root, leaf, intermediates, identity)
            : throw new CaException($"The node certificate's subject \"{leaf.Subject}\" lacks organisation, organisational unit or common name.");
    }

    // By key identifier where there is one: two roots may share a name.
    private static X509Certificate2 IssuerOf(X509Certificate2 certificate, IEnumerable<X509Certificate2> candidates)
    {
        List<X509Certificate2> named = [.. candidates.Where(issuer => issuer.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData))];
        var wanted = certificate.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().FirstOrDefault()?.KeyIdentifier;
        return named.Find(issuer => wanted is { } identifier
            && issuer.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault()?.SubjectKeyIdentifierBytes.Span.SequenceEqual(identifier.Span) == true)
            ?? named[0];
    }

    /// <summary>The same certificate under a changed root. Throws <see cref="CaException"/> when it does not chain to it.</summary>
    public NodeCertificate WithRoot(TrustRoot root) => Create(Pem.Span, KeyPem.Span, root, requireValidNow: false);
}
