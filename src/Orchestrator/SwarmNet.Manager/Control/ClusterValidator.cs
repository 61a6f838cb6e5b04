using SwarmNet.Protocol;

namespace SwarmNet.Manager.Control;

/// <summary>What a cluster specification must be, and which changes of it there can be.</summary>
internal static class ClusterValidator
{
    private static readonly TimeSpan MinCertificateExpiry = TimeSpan.FromHours(1);

    public static void Check(ClusterSpec spec)
    {
        if (spec.CaConfig?.NodeCertExpiry?.ToTimeSpan() < MinCertificateExpiry)
        {
            throw Refuse.Invalid("minimum certificate expiry time is: 1h0m0s");
        }

        if (spec.Dispatcher?.HeartbeatPeriod?.ToTimeSpan() < TimeSpan.Zero)
        {
            throw Refuse.Invalid("heartbeat time period cannot be a negative duration");
        }

        if (spec.CaConfig is { } ca)
        {
            if (ca.SigningCaKey.Length > 0 && ca.SigningCaCert.Length == 0)
            {
                throw Refuse.Invalid("if a signing CA key is provided, the signing CA cert must also be provided");
            }

            if (ca.ExternalCas.Count > 0)
            {
                throw Refuse.Unimplemented("external certificate authorities are not supported by this version: remove the external CA");
            }
        }
    }

    public static void CheckChange(ClusterSpec before, ClusterSpec after, ClusterRotation rotation)
    {
        if (after.Annotations?.Name != before.Annotations?.Name)
        {
            throw Refuse.Invalid("modification of cluster name is not allowed");
        }

        var rotatesRoot = (after.CaConfig?.ForceRotate ?? 0) != (before.CaConfig?.ForceRotate ?? 0)
            || after.CaConfig?.SigningCaCert is { Length: > 0 } cert && !cert.Equals(before.CaConfig?.SigningCaCert);
        if (rotatesRoot)
        {
            throw Refuse.Unimplemented("rotating the root certificate is not supported by this version: leave the CA settings as they are");
        }
    }
}
