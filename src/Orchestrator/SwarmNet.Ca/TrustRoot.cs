using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace SwarmNet.Ca;

/// <summary>The root certificates that a node trusts: the PEM bundle, byte for byte as it was received, and what it holds.</summary>
public sealed class TrustRoot
{
    private TrustRoot(byte[] pem, X509Certificate2Collection certificates)
    {
        Pem = pem;
        Certificates = certificates;
    }

    /// <summary>The exact bytes; the join token's digest covers them.</summary>
    public ReadOnlyMemory<byte> Pem { get; }

    /// <summary>The certificates of the bundle; one, or two while the root rotates.</summary>
    public X509Certificate2Collection Certificates { get; }

    /// <summary>Reads a bundle. Throws <see cref="CaException"/> unless it holds at least one certificate and all are self-signed.</summary>
    public static TrustRoot Parse(ReadOnlySpan<byte> pem)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(Encoding.UTF8.GetString(pem));
        }
        catch (CryptographicException invalid)
        {
            throw new CaException("The root CA certificate is not PEM.", inner: invalid);
        }

        var root = new TrustRoot(pem.ToArray(), certificates);
        if (certificates.Count == 0)
        {
            throw new CaException("The root CA bundle holds no certificate.");
        }

        foreach (var certificate in certificates)
        {
            // Each against itself alone: while the root rotates, the bundle has two of one name.
            var alone = new TrustRoot([], [certificate]);
            if (!certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData)
                || alone.Check(certificate, [], requireValidNow: false) is not null)
            {
                throw new CaException($"The root CA bundle holds a certificate that is not self-signed: {certificate.Subject}.");
            }
        }

        return root;
    }

    /// <summary>How TLS verifies peers: these roots and no others, no revocation, no downloads.</summary>
    public X509ChainPolicy CreatePolicy()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(Certificates);
        return policy;
    }

    /// <summary>Null when the certificate chains to these roots, else a sentence. Key usage is not looked at.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="intermediates">Certificates between it and a root.</param>
    /// <param name="requireValidNow">Also refuse a certificate outside its period of validity.</param>
    public string? Check(X509Certificate2 certificate, X509Certificate2Collection intermediates, bool requireValidNow)
    {
        using var chain = new X509Chain { ChainPolicy = CreatePolicy() };
        chain.ChainPolicy.ExtraStore.AddRange(intermediates);
        if (!requireValidNow)
        {
            chain.ChainPolicy.VerificationFlags = X509VerificationFlags.IgnoreNotTimeValid;
        }

        if (chain.Build(certificate))
        {
            return null;
        }

        return chain.ChainStatus.Any(status => status.Status == X509ChainStatusFlags.NotTimeValid)
            ? $"x509: certificate has expired or is not yet valid: it is valid from {certificate.NotBefore:u} to {certificate.NotAfter:u}"
            : "x509: certificate signed by unknown authority";
    }
}
