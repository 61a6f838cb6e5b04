using System.Net;
using System.Net.Sockets;
using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.NfTables;

namespace SwarmNet.Overlay.Encryption;

/// <summary>On a kernel without ESP. Where it has it, the guest's tests say the rest.</summary>
[Category("Kernel")]
public sealed class EncryptionRefusalTests
{
    [Test]
    public void A_host_that_cannot_encrypt_says_what_is_missing_and_keeps_no_trace()
    {
        string path = Path.Combine(Path.GetTempPath(), $"swarmnet-refusal-{Environment.ProcessId}");
        using NetworkNamespace host = NetworkNamespace.Create(path);
        try
        {
            if (EncryptionProbe.WhatIsMissing(AddressFamily.InterNetwork) is not { } missing)
            {
                Assert.Ignore("This kernel has all that encrypted networks need.");
                return;
            }

            Assert.That(missing, Does.Match(@"^its kernel .*\((CONFIG_|rfc4106)"));
            TestContext.Out.WriteLine(missing);
            using TunnelEncryption encryption = TunnelEncryption.Open(new TunnelEncryptionOptions { LocalVtep = IPAddress.Loopback, HostNamespace = host });
            OverlayException refusal = Assert.Throws<OverlayException>(() => encryption.Protect(4097))!;
            Assert.That(refusal.Message, Is.EqualTo($"this host cannot encrypt networks: {missing}"));
            Assert.That(() => encryption.SetPeers(4097, []), Throws.InvalidOperationException);
            using NetlinkSocket socket = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, host);
            Assert.That(NfTablesQuery.ListTables(socket, NfFamily.Inet), Is.Empty);
            Assert.That(() => encryption.Delete(), Throws.Nothing);
        }
        finally
        {
            NetworkNamespace.Delete(path);
        }
    }
}
