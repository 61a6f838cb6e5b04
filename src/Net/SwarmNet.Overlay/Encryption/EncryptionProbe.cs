using System.Net;
using System.Net.Sockets;
using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.NfTables;
using SwarmNet.Netlink.Xfrm;

namespace SwarmNet.Overlay.Encryption;

/// <summary>
/// Finds out whether the kernel can encrypt tunnels, by doing it in a scratch network namespace: the very states, policies and rules that
/// are used later.
/// </summary>
public static class EncryptionProbe
{
    private static readonly TunnelKey _key = new(0, new byte[TunnelKey.SecretLength]);
    private static volatile bool _hasIpv4;
    private static volatile bool _hasIpv6;

    /// <summary>
    /// What the kernel lacks, as a clause that names the feature and its configuration option; null when it lacks nothing. A good answer is
    /// remembered; after a bad one a module may have been loaded since. Needs CAP_SYS_ADMIN and CAP_NET_ADMIN.
    /// </summary>
    /// <param name="family">Of the tunnels' addresses.</param>
    public static string? WhatIsMissing(AddressFamily family)
    {
        bool isIpv6 = family == AddressFamily.InterNetworkV6;
        if (isIpv6 ? _hasIpv6 : _hasIpv4)
        {
            return null;
        }

        string path = Path.Combine(Path.GetTempPath(), $"swarmnet-probe-{Environment.ProcessId}-{Guid.NewGuid():N}");
        using NetworkNamespace scratch = NetworkNamespace.Create(path, loopbackUp: false);
        try
        {
            string? missing = TryTransforms(scratch, isIpv6) ?? TryRules(scratch, family);
            if (missing is null)
            {
                _ = isIpv6 ? _hasIpv6 = true : _hasIpv4 = true;
            }

            return missing;
        }
        finally
        {
            NetworkNamespace.Delete(path);
        }
    }

    private static string? TryTransforms(NetworkNamespace scratch, bool isIpv6)
    {
        (IPAddress local, IPAddress peer) = isIpv6 ? (IPAddress.Parse("2001:db8::1"), IPAddress.Parse("2001:db8::2")) : (IPAddress.Parse("192.0.2.1"), IPAddress.Parse("192.0.2.2"));
        TransformSet wanted = TransformSet.Wanted(local, 4789, [_key], [peer]);
        List<TransformChange> changes = TransformDiff.Compute(new TransformSet(), wanted, static _ => true, static _ => true);
        try
        {
            using XfrmSocket socket = XfrmSocket.Open(scratch);
            // States first: the first refusal is what is reported.
            socket.Execute(TransformKernel.Encode(changes));
            return null;
        }
        catch (LinuxException e) when (e.Errno == Errno.EPROTONOSUPPORT)
        {
            return "its kernel has no IPsec (CONFIG_XFRM_USER)";
        }
        catch (NetlinkException e) when (e.Errno is Errno.EPROTONOSUPPORT or Errno.ENOENT or Errno.ENOSYS or Errno.EINVAL or Errno.EOPNOTSUPP)
        {
            return e.Errno switch
            {
                Errno.EPROTONOSUPPORT => $"its kernel has no ESP ({(isIpv6 ? "CONFIG_INET6_ESP" : "CONFIG_INET_ESP")})",
                // The kernel looks for the cipher first; its configuration brings the cipher with ESP.
                Errno.ENOENT or Errno.ENOSYS => $"its kernel has no ESP with AES-GCM ({(isIpv6 ? "CONFIG_INET6_ESP" : "CONFIG_INET_ESP")}, CONFIG_CRYPTO_GCM)",
                _ => $"its kernel refuses ESP as encrypted networks need it: {e.Message}",
            };
        }
    }

    private static string? TryRules(NetworkNamespace scratch, AddressFamily family)
    {
        try
        {
            using var guard = new ClearTextGuard(scratch, 4789, family);
            guard.Add(1);
            using var mark = new TunnelMark(scratch);
            mark.Repair();
            return null;
        }
        catch (NetlinkException e) when (e.Errno != Errno.EPERM)
        {
            return NfTablesProbe.Capabilities switch
            {
                var has when !has.Has(NfFeature.Tables) => "its kernel has no nf_tables for IPv4 and IPv6 (CONFIG_NF_TABLES and CONFIG_NF_TABLES_INET)",
                var has when !has.Has(NfFeature.Ipsec) => "its kernel's nf_tables cannot match IPsec (CONFIG_NFT_XFRM, Linux 4.20 or later)",
                // Of the rest the message names family and expression.
                _ => $"its kernel refuses the rules that keep clear text out: {e.Message}",
            };
        }
    }
}
