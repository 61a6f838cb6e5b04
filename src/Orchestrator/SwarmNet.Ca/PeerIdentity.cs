using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography.X509Certificates;
using SwarmNet.Protocol;

namespace SwarmNet.Ca;

/// <summary>Who a certificate says its owner is. On a connection it is a feature, set once the certificate has been verified.</summary>
/// <param name="ClusterId">Organisation (O).</param>
/// <param name="Role">Organisational unit (OU): <see cref="SwarmRoles.Worker"/> or <see cref="SwarmRoles.Manager"/>.</param>
/// <param name="NodeId">Common name (CN).</param>
public sealed record PeerIdentity(string ClusterId, string Role, string NodeId)
{
    private const string CommonName = "2.5.4.3";
    private const string Organization = "2.5.4.10";
    private const string OrganizationalUnit = "2.5.4.11";

    /// <summary>The node role of <see cref="Role"/>.</summary>
    public NodeRole NodeRole => Role == SwarmRoles.Manager ? NodeRole.Manager : NodeRole.Worker;

    /// <summary>Reads the subject; false unless it has O, OU and CN.</summary>
    public static bool TryParse(X509Certificate2 certificate, [NotNullWhen(true)] out PeerIdentity? identity)
    {
        string? cluster = null, role = null, node = null;
        foreach (var name in certificate.SubjectName.EnumerateRelativeDistinguishedNames(reversed: false))
        {
            if (name.HasMultipleElements)
            {
                continue;
            }

            switch (name.GetSingleElementType().Value)
            {
                case Organization:
                    cluster ??= name.GetSingleElementValue();
                    break;
                case OrganizationalUnit:
                    role ??= name.GetSingleElementValue();
                    break;
                case CommonName:
                    node ??= name.GetSingleElementValue();
                    break;
            }
        }

        identity = cluster is not null && role is not null && node is not null ? new PeerIdentity(cluster, role, node) : null;
        return identity is not null;
    }
}
