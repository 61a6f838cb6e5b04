using System.Net;
using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.Conntrack;
using SwarmNet.Netlink.NfTables;
using SwarmNet.Overlay.Repairs;

namespace SwarmNet.Overlay.Balancing;

/// <summary>
/// Sends what clients of one namespace ask of a DNS server's port 53 to that server at other ports, so that port 53 itself stays
/// free for the clients' own use. Thread-safe.
/// </summary>
public sealed class DnsRedirect : IDisposable
{
    /// <summary>Name of the table (family ip). Only this table is ever touched.</summary>
    public const string TableName = "swarmnet_dns";

    private static readonly NfTable _table = new(NfFamily.Ip, TableName);
    private readonly Lock _lock = new();
    private readonly NetlinkSocket _socket;
    private readonly NfTablesBatch _wanted = new();

    private DnsRedirect(NetworkNamespace ns) => _socket = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, ns);

    /// <summary>Opens the redirection of a namespace. Nothing is changed until <see cref="Set"/>.</summary>
    /// <param name="ns">The clients' namespace; need not stay open.</param>
    public static DnsRedirect Open(NetworkNamespace ns) => new(ns);

    /// <summary>Redirects, in place of any earlier redirection.</summary>
    /// <param name="server">A loopback address, for example 127.0.0.11.</param>
    /// <param name="udpPort">Where the resolver listens for UDP; 0 = no redirection.</param>
    /// <param name="tcpPort">Where it listens for TCP; 0 = no redirection.</param>
    public void Set(IPAddress server, ushort udpPort, ushort tcpPort)
    {
        uint address = server.ToUInt32();
        lock (_lock)
        {
            _wanted.Clear();
            _wanted.ReplaceTable(_table).AddBaseChain(_table, "output", NfChainType.Nat, NfHook.Output, NfPriority.DestinationNat);
            AddRedirect(_wanted, address, 17, udpPort);
            AddRedirect(_wanted, address, 6, tcpPort);
            _wanted.Execute(_socket);
            // A resolver that was restarted has other ports; flows to the old ones would hang until they time out.
            ConntrackTable.Delete(_socket, new ConntrackFilter { OriginalDestination = server, OriginalDestinationPort = 53 });
        }
    }

    /// <summary>Compares the kernel with what was last set, and puts right what somebody else changed.</summary>
    /// <param name="inspectOnly">Change nothing.</param>
    /// <returns>What was different; empty when all was well, and before the first <see cref="Set"/>.</returns>
    public IReadOnlyList<Repair> Repair(bool inspectOnly = false)
    {
        lock (_lock)
        {
            return _wanted.IsEmpty ? [] : new TableRepair(_table, static _ => false).Run(_socket, _wanted, inspectOnly);
        }
    }

    /// <summary>Closes the socket; the redirection stays, until its namespace goes.</summary>
    public void Dispose() => _socket.Dispose();

    private static void AddRedirect(NfTablesBatch batch, uint server, byte protocol, ushort port)
    {
        if (port == 0)
        {
            return;
        }

        ReadOnlySpan<byte> address = [(byte)(server >> 24), (byte)(server >> 16), (byte)(server >> 8), (byte)server];
        batch.AddRule(_table, "output")
            .Ipv4Destination(NfRegister.R0).Equal(NfRegister.R0, address)
            .L4ProtocolIs(protocol, NfRegister.R1)
            .DestinationPort(NfRegister.R1).Equal(NfRegister.R1, [0, 53])
            .Immediate(NfRegister.R1, [(byte)(port >> 8), (byte)port])
            .DestinationNat(NfRegister.R0, NfRegister.R1)
            .End();
    }
}
