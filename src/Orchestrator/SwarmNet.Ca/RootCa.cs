using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SwarmNet.Protocol;

namespace SwarmNet.Ca;

/// <summary>A swarm's certificate authority: root certificate and key. Signs the certificates of nodes. Pure: time comes in as an argument.</summary>
public sealed class RootCa : IDisposable
{
    /// <summary>Validity of node certificates unless the cluster says otherwise: 90 days.</summary>
    public static readonly TimeSpan DefaultNodeValidity = TimeSpan.FromHours(2160);

    /// <summary>Shorter validities are taken for a mistake, and the default is used.</summary>
    public static readonly TimeSpan MinNodeValidity = TimeSpan.FromHours(1);

    private static readonly TimeSpan s_rootValidity = TimeSpan.FromSeconds(630_720_000);
    private static readonly TimeSpan s_rootBackdate = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan s_nodeBackdate = TimeSpan.FromHours(1);
    private const string ServerAuth = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuth = "1.3.6.1.5.5.7.3.2";
    private const int MaxCsrBytes = 16 * 1024;

    private readonly X509Certificate2 _certificate;
    private readonly AsymmetricAlgorithm _key;

    private RootCa(X509Certificate2 certificate, AsymmetricAlgorithm key, byte[] certificatePem, byte[] keyPem)
    {
        _certificate = certificate;
        _key = key;
        CertificatePem = certificatePem;
        KeyPem = keyPem;
    }

    /// <summary>The root certificate, the exact bytes that are stored, served, and covered by join tokens.</summary>
    public ReadOnlyMemory<byte> CertificatePem { get; }

    /// <summary>The private key as PEM. A secret.</summary>
    public ReadOnlyMemory<byte> KeyPem { get; }

    /// <summary>A new root: P-256, <c>CN=swarm-ca</c>, 20 years, valid since five minutes before <paramref name="now"/>.</summary>
    public static RootCa Create(DateTimeOffset now)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={SwarmRoles.CA}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, critical: true));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var notBefore = now - s_rootBackdate;
        var certificate = request.CreateSelfSigned(notBefore, notBefore + s_rootValidity);

        // The export has no final newline; it is added once, here, and the bytes are kept from then on.
        return new RootCa(
            certificate, key, Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n"), Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
    }

    /// <summary>A root from the cluster object. Throws <see cref="CaException"/> when the two do not fit.</summary>
    public static RootCa Load(ReadOnlySpan<byte> certificatePem, ReadOnlySpan<byte> keyPem)
    {
        try
        {
            var certificate = X509Certificate2.CreateFromPem(Encoding.UTF8.GetString(certificatePem), Encoding.UTF8.GetString(keyPem));
            AsymmetricAlgorithm key = certificate.GetECDsaPrivateKey() as AsymmetricAlgorithm ?? certificate.GetRSAPrivateKey()
                ?? throw new CaException("The root CA key is neither ECDSA nor RSA.");
            return new RootCa(certificate, key, certificatePem.ToArray(), keyPem.ToArray());
        }
        catch (Exception invalid) when (invalid is CryptographicException or ArgumentException)
        {
            throw new CaException("The root CA certificate and its key are not a PEM pair.", inner: invalid);
        }
    }

    /// <summary>Null when the request is one that can be signed, else a sentence for its sender.</summary>
    public static string? CheckRequest(ReadOnlySpan<byte> csrPem) => ReadRequest(csrPem, out _);

    /// <summary>
    /// The certificate of a node, as PEM with a final newline. Of the request only the public key is taken; subject, names and usages are
    /// ours. Throws <see cref="CaException"/> when <see cref="CheckRequest"/> would refuse it.
    /// </summary>
    public byte[] Sign(ReadOnlySpan<byte> csrPem, PeerIdentity identity, TimeSpan validity, DateTimeOffset now)
    {
        if (ReadRequest(csrPem, out var key) is { } refusal)
        {
            throw new CaException(refusal);
        }

        // The builder encodes its parts in reverse of the calls: on the wire this is O, OU, CN.
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(identity.NodeId);
        subject.AddOrganizationalUnitName(identity.Role);
        subject.AddOrganizationName(identity.ClusterId);

        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(identity.Role);
        names.AddDnsName(identity.NodeId);
        if (identity.Role == SwarmRoles.Manager)
        {
            names.AddDnsName(SwarmRoles.CA);
        }

        var request = new CertificateRequest(subject.Build(), key!, HashAlgorithmName.SHA256);
        var extensions = request.CertificateExtensions;
        extensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment, critical: true));

        // Both usages for workers too: a joining engine verifies its own certificate as a server's.
        extensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuth), new Oid(ClientAuth)], critical: false));
        extensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, false, 0, critical: true));
        extensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        extensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        extensions.Add(names.Build());

        var notAfter = now + (validity < MinNodeValidity ? DefaultNodeValidity : validity);
        var rootEnd = new DateTimeOffset(_certificate.NotAfter);
        Span<byte> serial = stackalloc byte[16];
        RandomNumberGenerator.Fill(serial);
        serial[0] &= 0x7f;
        using var certificate = request.Create(
            _certificate.SubjectName, Signer(), now - s_nodeBackdate, notAfter < rootEnd ? notAfter : rootEnd, serial);
        return Encoding.ASCII.GetBytes(certificate.ExportCertificatePem() + "\n");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _certificate.Dispose();
        _key.Dispose();
    }

    private X509SignatureGenerator Signer() => _key is RSA rsa
        ? X509SignatureGenerator.CreateForRSA(rsa, RSASignaturePadding.Pkcs1)
        : X509SignatureGenerator.CreateForECDsa((ECDsa)_key);

    private static string? ReadRequest(ReadOnlySpan<byte> csrPem, out PublicKey? key)
    {
        key = null;
        if (csrPem.IsEmpty || csrPem.Length > MaxCsrBytes)
        {
            return "the certificate signing request is empty or too large";
        }

        try
        {
            // Loading checks the request's own signature, so the sender has the key.
            var request = CertificateRequest.LoadSigningRequestPem(Encoding.UTF8.GetString(csrPem), HashAlgorithmName.SHA256);
            using var ecdsa = request.PublicKey.GetECDsaPublicKey();
            using var rsa = request.PublicKey.GetRSAPublicKey();
            if (ecdsa is null && rsa is not { KeySize: >= 2048 })
            {
                return "the certificate signing request's key must be ECDSA, or RSA of at least 2048 bits";
            }

            key = request.PublicKey;
            return null;
        }
        catch (Exception)
        {
            // Hostile bytes: the framework's readers throw Cryptographic-, Argument-, NotSupported- and ArithmeticException.
            return "the certificate signing request is not valid PKCS#10 in PEM";
        }
    }
}
