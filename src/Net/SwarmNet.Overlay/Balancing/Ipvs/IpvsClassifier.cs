using System.Buffers.Binary;
using System.Runtime.InteropServices;
using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.NfTables;

namespace SwarmNet.Overlay.Balancing.Ipvs;

/// <summary>
/// The nfTables table that gives packets to virtual addresses their marks, all ports alike, and refuses what no service took.
/// <code>
///   map marks { ip daddr : mark }
///   chain classify      { type filter hook output priority mangle;  meta mark set ip daddr map @marks, with bit 0 set for UDP }
///   chain reroute       { type route  hook output priority -97;     mark ours, daddr local: meta mark set 0 }
///   chain filter_output { type filter hook output priority filter;  ip daddr in @marks goto refuse }
/// </code>
/// IPVS works at priority -98. What it sends elsewhere passes the hook again, from its start, with the backend's address. What it translates to an address of
/// the namespace itself (a client that is served by itself) goes on with the route of the virtual address, hence the third chain: one of this type looks for
/// another route when it has changed a mark.
/// </summary>
internal static class IpvsClassifier
{
    private const string Marks = "marks";
    private const string Version = "ipvs_v1";
    private const int AfterIpvs = NfPriority.DestinationNat + 3;
    /// <summary>The table.</summary>
    public static NfTable Table { get; } = new(NfFamily.Ip, NfTablesBalancer.TableName);

    /// <summary>Mark by virtual address; null when the table is not there or another kind of balancer's.</summary>
    public static Dictionary<uint, uint>? Load(NetlinkSocket socket)
    {
        try
        {
            if (!NfTablesQuery.ListChains(socket, Table).Contains(Version))
            {
                return null;
            }

            var marks = new Dictionary<uint, uint>();
            foreach (NfElement element in NfTablesQuery.ListElements(socket, Table, Marks))
            {
                marks[BinaryPrimitives.ReadUInt32BigEndian(element.Key.Span)] = MemoryMarshal.Read<uint>(element.Data.Span);
            }

            return marks;
        }
        catch (NetlinkException e) when (e.Errno == Errno.ENOENT)
        {
            return null;
        }
    }

    /// <summary>Makes the table anew, in place of whatever has its name.</summary>
    public static void Create(NfTablesBatch batch)
    {
        batch.ReplaceTable(Table).AddChain(Table, Version);
        Define(batch, Table);
    }

    /// <summary>Adds a table of this name with all that the balancer needs of the kernel.</summary>
    public static void DefineTrial(NfTablesBatch batch, NfTable table)
    {
        batch.AddTable(table);
        Define(batch, table);
    }

    /// <summary>Takes marks away, then gives marks.</summary>
    public static void Append(NfTablesBatch batch, List<(uint Vip, uint Mark)> gone, List<(uint Vip, uint Mark)> added)
    {
        Span<byte> key = stackalloc byte[4];
        Span<byte> data = stackalloc byte[4];
        NfElements elements = batch.DeleteElements(Table, Marks);
        foreach ((uint vip, uint _) in gone)
        {
            BinaryPrimitives.WriteUInt32BigEndian(key, vip);
            elements.Key(key);
        }

        elements.End();
        elements = batch.AddElements(Table, Marks);
        foreach ((uint vip, uint mark) in added)
        {
            BinaryPrimitives.WriteUInt32BigEndian(key, vip);
            MemoryMarshal.Write(data, mark);
            elements.Pair(key, data);
        }

        elements.End();
    }

    /// <summary>Removes the table; absence is no error.</summary>
    public static void Delete(NfTablesBatch batch) => batch.AddTable(Table).DeleteTable(Table);

    private static byte[] Bytes(uint value) => BitConverter.GetBytes(value);

    private static void Define(NfTablesBatch batch, NfTable table)
    {
        batch.AddChain(table, "refuse")
            .AddSet(table, new NfSet { Name = Marks, Key = NfType.Ipv4Address, Data = NfType.Mark })
            .AddBaseChain(table, "classify", NfChainType.Filter, NfHook.Output, NfPriority.Mangle)
            .AddBaseChain(table, "reroute", NfChainType.Route, NfHook.Output, AfterIpvs)
            .AddBaseChain(table, "filter_output", NfChainType.Filter, NfHook.Output, NfPriority.Filter);
        batch.AddRule(table, "classify").Ipv4Destination(NfRegister.R0).Lookup(Marks, NfRegister.R0, NfRegister.R1)
            .SetMeta(NfMetaKey.Mark, NfRegister.R1)
            .L4ProtocolIs(Libc.IPPROTO_UDP, NfRegister.R2)
            .Bitwise(NfRegister.R1, NfRegister.R1, Bytes(~IpvsFrontend.DatagramBit), Bytes(IpvsFrontend.DatagramBit))
            .SetMeta(NfMetaKey.Mark, NfRegister.R1)
            .End();
        batch.AddRule(table, "reroute").Meta(NfMetaKey.Mark, NfRegister.R0)
            .Bitwise(NfRegister.R0, NfRegister.R0, Bytes(IpvsFrontend.MarkMask), Bytes(0)).Equal(NfRegister.R0, Bytes(IpvsFrontend.FirstMark))
            .DestinationIsLocal()
            .Immediate(NfRegister.R0, Bytes(0)).SetMeta(NfMetaKey.Mark, NfRegister.R0)
            .End();
        batch.AddRule(table, "filter_output").Ipv4Destination(NfRegister.R0).Lookup(Marks, NfRegister.R0, NfRegister.R1)
            .Verdict(NfVerdict.Goto, "refuse").End();
        batch.AddRule(table, "refuse").L4ProtocolIs(Libc.IPPROTO_TCP).Reject(tcpReset: true).End();
        batch.AddRule(table, "refuse").Reject(tcpReset: false).End();
    }
}
