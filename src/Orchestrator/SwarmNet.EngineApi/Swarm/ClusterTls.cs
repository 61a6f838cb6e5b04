using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Swarm;

/// <summary>What the nodes of a swarm trust, read out of the cluster's root certificate.</summary>
internal static class ClusterTls
{
    /// <summary>Trust root (PEM), and DER of the issuer's subject and public key; only the root when it cannot be parsed.</summary>
    public static NodeTLSInfo Of(Cluster cluster)
    {
        var info = new NodeTLSInfo { TrustRoot = cluster.RootCa?.CaCert ?? ByteString.Empty };
        try
        {
            using var root = X509Certificate2.CreateFromPem(info.TrustRoot.ToStringUtf8());
            info.CertIssuerSubject = ByteString.CopyFrom(root.SubjectName.RawData);
            info.CertIssuerPublicKey = ByteString.CopyFrom(root.PublicKey.ExportSubjectPublicKeyInfo());
        }
        catch (CryptographicException)
        {
            // No certificate there: the root as it is says more than an error would.
        }

        return info;
    }
}
