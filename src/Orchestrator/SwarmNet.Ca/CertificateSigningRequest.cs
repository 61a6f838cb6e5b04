using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace SwarmNet.Ca;

/// <summary>A fresh P-256 key and the request for a certificate on it. Its subject is empty: the authority decides it.</summary>
public sealed class CertificateSigningRequest
{
    private CertificateSigningRequest(byte[] pem, byte[] keyPem)
    {
        Pem = pem;
        KeyPem = keyPem;
    }

    /// <summary>The request as PEM with a final newline. The authority must echo exactly these bytes.</summary>
    public ReadOnlyMemory<byte> Pem { get; }

    /// <summary>The private key, PKCS#8 as PEM with a final newline. A secret.</summary>
    public ReadOnlyMemory<byte> KeyPem { get; }

    /// <summary>A new key and its request.</summary>
    public static CertificateSigningRequest Create()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName([0x30, 0x00]), key, HashAlgorithmName.SHA256);
        return new CertificateSigningRequest(
            Encoding.ASCII.GetBytes(request.CreateSigningRequestPem() + "\n"), Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem() + "\n"));
    }
}
