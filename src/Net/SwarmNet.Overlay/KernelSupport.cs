using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.NfTables;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Overlay;

/// <summary>
/// Finds out which features of the kernel a data plane lacks, by using each in a scratch network namespace: when something was refused, this tells whether the
/// kernel is the reason, and which part of it.
/// </summary>
public static class KernelSupport
{
    /// <summary>Features that are missing; takes some milliseconds. Needs CAP_SYS_ADMIN and CAP_NET_ADMIN.</summary>
    /// <exception cref="LinuxException">EPERM: no namespace can be made.</exception>
    public static IReadOnlyList<KernelFeature> FindMissing()
    {
        string path = Path.Combine(Path.GetTempPath(), $"swarmnet-probe-{Environment.ProcessId}-{Guid.NewGuid():N}");
        using NetworkNamespace scratch = NetworkNamespace.Create(path, loopbackUp: false);
        try
        {
            var missing = new List<KernelFeature>();
            using Rtnetlink links = Rtnetlink.Open(scratch);
            Try(KernelFeature.Veth, new VethSpec { Name = "v0", Peer = new VethPeer { Name = "v1" } });
            Try(KernelFeature.Bridge, new BridgeSpec { Name = "b0" });
            Try(KernelFeature.Vxlan, new VxlanSpec { Name = "x0", Vni = 1, Port = 4789, Local = System.Net.IPAddress.Loopback });
            if (NfTablesProbe.Run(scratch).WhyNot(NfFeature.IpNat) is not null)
            {
                missing.Add(KernelFeature.NfTablesNat);
            }

            return missing;

            void Try(KernelFeature feature, LinkSpec link)
            {
                try
                {
                    links.Execute(new RtnetlinkBatch().AddLink(link));
                }
                catch (NetlinkException e) when (IsUnsupported(e.Errno))
                {
                    missing.Add(feature);
                }
            }
        }
        finally
        {
            NetworkNamespace.Delete(path);
        }
    }

    /// <summary>
    /// The reason behind a refusal in one sentence, where it is the kernel's lack of a feature or this process's of a capability; null where it is not.
    /// </summary>
    public static string? Explain(Exception refusal) => Explain(refusal, FindMissing);

    internal static string? Explain(Exception refusal, Func<IReadOnlyList<KernelFeature>> findMissing)
    {
        Errno? errno = refusal switch
        {
            NetlinkException e => e.Errno,
            LinuxException e => e.Errno,
            _ => null,
        };
        if (errno is Errno.EPERM or Errno.EACCES)
        {
            return "the capabilities CAP_NET_ADMIN and CAP_SYS_ADMIN are missing: run as root, or in a container with --privileged";
        }

        if (errno is null || !IsUnsupported(errno.Value))
        {
            return null;
        }

        try
        {
            return findMissing() is { Count: > 0 } missing ? string.Join("; ", missing) : null;
        }
        catch (Exception e) when (e is LinuxException or NetlinkException)
        {
            return null;
        }
    }

    /// <summary>The refusal with its reason in front, or as it is.</summary>
    internal static Exception Explained(string what, Exception refusal) => Explain(refusal) is { } reason ? new OverlayException($"{what}: {reason}.", refusal) : refusal;

    // ENOENT: nf_tables for an expression or chain type that it does not have; EOPNOTSUPP: rtnetlink for a kind of link.
    private static bool IsUnsupported(Errno errno) =>
        errno is Errno.EOPNOTSUPP or Errno.ENOENT or Errno.EAFNOSUPPORT or Errno.EPROTONOSUPPORT or Errno.ENOSYS;
}
