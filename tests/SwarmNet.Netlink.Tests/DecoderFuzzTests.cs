using System.Diagnostics;
using System.Net;
using SwarmNet.Linux;
using SwarmNet.Netlink.Conntrack;
using SwarmNet.Netlink.Route;
using SwarmNet.Netlink.Xfrm;

namespace SwarmNet.Netlink;

/// <summary>
/// Bad bytes never throw and never loop: real messages of the kernel and of our encoders, mutated, cut and glued together, and bytes
/// that never were a message, through every decoder.
/// </summary>
[TestFixture]
public sealed class DecoderFuzzTests
{
    private const int Rounds = 60_000;

    private static readonly (string Name, Func<NetlinkMessage, bool> Decode)[] s_decoders =
    [
        ("error", static m => NetlinkError.TryParse(m, out _)),
        ("link", static m => LinkEntry.TryParse(m, out _)),
        ("address", static m => AddressEntry.TryParse(m, out _)),
        ("route", static m => RouteEntry.TryParse(m, out _)),
        ("rule", static m => RuleEntry.TryParse(m, out _)),
        ("neighbour", static m => NeighbourEntry.TryParse(m, out _)),
        ("fdb", static m => FdbEntry.TryParse(m, out _)),
        ("namespace id", static m => NamespaceIdEntry.TryParse(m, out _)),
        ("event", static m => RtnetlinkEvent.TryParse(m, out _)),
        ("state", static m => XfrmStateEntry.TryParse(m, out _)),
        ("policy", static m => XfrmPolicySpec.TryParse(m, out _)),
        ("flow", static m => ConntrackFlowView.TryCreate(m, out ConntrackFlowView flow) && flow.ToFlow() != default),
        ("count", static m => ConntrackTable.TryParseCount(m, out _)),
    ];

    [Test]
    public void Mutations_of_what_our_encoders_write()
    {
        Dictionary<string, int> decoded = Fuzz(EncodedMessages());

        foreach (string name in new[] { "link", "address", "route", "rule", "neighbour", "fdb", "event", "state", "policy", "flow" })
        {
            Assert.That(decoded.GetValueOrDefault(name), Is.GreaterThan(100), $"{name}: the mutations must leave some intact, or nothing was tested");
        }
    }

    [Test]
    [Category("Kernel")]
    public void Mutations_of_what_the_kernel_writes()
    {
        Dictionary<string, int> decoded = Fuzz(KernelMessages());

        foreach (string name in new[] { "link", "address", "route", "rule", "neighbour", "fdb", "event" })
        {
            Assert.That(decoded.GetValueOrDefault(name), Is.GreaterThan(100), name);
        }
    }

    [Test]
    public void Bytes_that_never_were_a_message()
    {
        var random = new Random(TestSeed.Next());
        byte[] bytes = new byte[512];
        for (int round = 0; round < Rounds; round++)
        {
            random.NextBytes(bytes);
            Span<byte> input = bytes.AsSpan(0, random.Next(bytes.Length));
            if (random.Next(4) != 0 && input.Length >= 16)
            {
                // A header that leads into the payload, so that more than the first check is reached.
                BitConverter.TryWriteBytes(input, input.Length);
                BitConverter.TryWriteBytes(input[4..], (ushort)(random.Next(2) == 0 ? random.Next(2, 91) : 0x100 + random.Next(6)));
            }

            Decode(input, null, round);
        }
    }

    private static Dictionary<string, int> Fuzz(List<byte[]> corpus)
    {
        var random = new Random(TestSeed.Next());
        var decoded = new Dictionary<string, int>();
        for (int round = 0; round < Rounds; round++)
        {
            byte[] bytes = Mutate(random, corpus);
            Decode(bytes, decoded, round);
        }

        return decoded;
    }

    private static byte[] Mutate(Random random, List<byte[]> corpus)
    {
        byte[] bytes = [.. corpus[random.Next(corpus.Count)]];
        for (int n = random.Next(0, 8); n > 0 && bytes.Length > 0; n--)
        {
            int at = random.Next(bytes.Length);
            switch (random.Next(6))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2: // lengths and types are 16 bits at multiples of 4
                    at &= ~3;
                    BitConverter.TryWriteBytes(bytes.AsSpan(at), (ushort)(random.Next(3) == 0 ? random.Next(65536) : random.Next(64)));
                    break;
                case 3:
                    Array.Resize(ref bytes, at);
                    break;
                case 4: // another message's tail
                    byte[] other = corpus[random.Next(corpus.Count)];
                    bytes = [.. bytes.AsSpan(0, at), .. other.AsSpan(random.Next(other.Length))];
                    break;
                default: // a piece twice
                    int length = random.Next(bytes.Length - at);
                    bytes = [.. bytes.AsSpan(0, at + length), .. bytes.AsSpan(at)];
                    break;
            }

            if (bytes.Length > 64 * 1024)
            {
                break;
            }
        }

        if (random.Next(2) == 0 && bytes.Length >= 16)
        {
            BitConverter.TryWriteBytes(bytes, bytes.Length); // the outermost length fits, the inner ones decide
        }

        return bytes;
    }

    private static void Decode(ReadOnlySpan<byte> bytes, Dictionary<string, int>? decoded, int round)
    {
        long start = Stopwatch.GetTimestamp();
        var reader = new NetlinkReader(bytes);
        while (reader.TryRead(out NetlinkMessage message))
        {
            foreach ((string name, Func<NetlinkMessage, bool> decode) in s_decoders)
            {
                try
                {
                    if (decode(message) && decoded is not null)
                    {
                        decoded[name] = decoded.GetValueOrDefault(name) + 1;
                    }
                }
                catch (Exception e)
                {
                    Assert.Fail($"round {round}: the decoder of {name} threw {e} at {Convert.ToHexString(bytes)}");
                }
            }
        }

        Assert.That(Stopwatch.GetElapsedTime(start), Is.LessThan(TimeSpan.FromSeconds(10)), $"round {round} takes too long: {Convert.ToHexString(bytes)}");
    }

    private static List<byte[]> EncodedMessages()
    {
        var route = new RtnetlinkBatch();
        route
            .AddLink(new VxlanSpec { Name = "v", Vni = 1, Local = IPAddress.Loopback, SourcePorts = (1, 2), Learning = true, Df = VxlanDf.Set })
            .AddLink(new BridgeSpec { Name = "b", Stp = true, Mtu = 1500, Master = 3, GroupForwardMask = 8 })
            .AddLink(new VethSpec { Name = "v", Peer = new VethPeer { Name = "p" } })
            .AddLink(new MacvlanSpec { Name = "m", Link = 3 })
            .ReplaceFdb(new FdbEntry { Link = 3, Address = default, Remote = IPAddress.Loopback, Port = 1, Vni = 2, Vlan = 3 })
            .ReplaceNeighbour(new NeighbourEntry { Link = 3, Address = IPAddress.IPv6Loopback, LinkLayerAddress = default(MacAddress) })
            .AddAddress(new AddressEntry { Link = 2, Address = IPAddress.Loopback, PrefixLength = 8, Flags = 0x200 })
            .AddRoute(new RouteEntry { Destination = IPNetwork.Parse("10.0.0.0/8"), Gateway = IPAddress.Loopback, Source = IPAddress.Loopback, Table = 1000 })
            .AddRule(new RuleEntry { From = IPNetwork.Parse("10.0.0.0/8"), To = IPNetwork.Parse("10.0.0.0/8"), Mark = 1, InInterface = "a" })
            .DeleteNeighbour(new NeighbourEntry { Link = 3, Address = IPAddress.Loopback });
        var xfrm = new XfrmBatch();
        var selector = new XfrmSelector { Source = IPNetwork.Parse("10.0.0.0/8"), Destination = IPNetwork.Parse("10.0.0.1/32"), Protocol = 17, DestinationPort = 4789 };
        var template = new XfrmTemplate { Source = IPAddress.Loopback, Destination = IPAddress.Loopback };
        xfrm
            .AddState(new XfrmStateSpec
            {
                Source = IPAddress.Loopback,
                Destination = IPAddress.Loopback,
                Spi = 1000,
                Aead = new XfrmAead(XfrmAead.AesGcm, new byte[20], 64),
                ExtendedSequence = true,
                ReplayWindow = 64,
                Selector = selector,
                Mark = new XfrmMark(1),
            })
            .AddPolicy(new XfrmPolicySpec { Direction = XfrmDirection.Out, Selector = selector, Templates = [template, template] });
        var other = new NetlinkWriter();
        other.BeginMessage(ConntrackConstants.MessageType(ConntrackConstants.IPCTNL_MSG_CT_NEW), 0, 1);
        other.Reserve(NfTables.NfConstants.NfGenMsgLength);
        ConntrackTable.PutTuple(other, ConntrackConstants.CTA_TUPLE_ORIG, new ConntrackTuple(17, IPAddress.Loopback, IPAddress.Loopback, 1, 2));
        ConntrackTable.PutTuple(other, ConntrackConstants.CTA_TUPLE_REPLY, new ConntrackTuple(17, IPAddress.IPv6Loopback, IPAddress.IPv6Loopback, 2, 1));
        other.PutBigEndian(ConntrackConstants.CTA_ID, 1u);
        other.EndMessage();
        other.BeginMessage(NetlinkConstants.NLMSG_ERROR, (NetlinkFlags)0x300, 1);
        other.Append(-(int)Errno.EINVAL);
        other.Reserve(16);
        other.PutString(NetlinkConstants.NLMSGERR_ATTR_MSG, "text");
        other.Put(NetlinkConstants.NLMSGERR_ATTR_OFFS, 20u);
        other.EndMessage();
        return [.. Split(route.Written), .. Split(xfrm.Written), .. Split(other.Written)];
    }

    /// <summary>What the kernel dumps about a namespace that has some of everything.</summary>
    private static List<byte[]> KernelMessages()
    {
        using var scope = new TestNamespace();
        using (Rtnetlink rtnetlink = Rtnetlink.Open(scope.Namespace))
        {
            rtnetlink.Execute(new RtnetlinkBatch()
                .AddLink(new BridgeSpec { Name = "br0", Index = 10, Up = true })
                .AddLink(new VxlanSpec { Name = "vx0", Index = 11, Vni = 5, Local = IPAddress.Parse("10.0.0.1"), Master = 10, Up = true })
                .AddLink(new VethSpec { Name = "a", Index = 12, Master = 10, Up = true, Peer = new VethPeer { Name = "b", Index = 13 } })
                .AddLink(new MacvlanSpec { Name = "m", Index = 14, Link = 13, Up = true })
                .SetUp(13)
                .AddAddress(new AddressEntry { Link = 10, Address = IPAddress.Parse("10.9.0.1"), PrefixLength = 24 })
                .AddAddress(new AddressEntry { Link = 10, Address = IPAddress.Parse("fd00::1"), PrefixLength = 64, Flags = 2 })
                .AddRoute(new RouteEntry { Destination = IPNetwork.Parse("10.8.0.0/16"), Gateway = IPAddress.Parse("10.9.0.2") })
                .AddRule(new RuleEntry { Priority = 5, Table = 1000, From = IPNetwork.Parse("10.0.0.0/8"), Mark = 3 })
                .ReplaceNeighbour(new NeighbourEntry { Link = 10, Address = IPAddress.Parse("10.9.0.2"), LinkLayerAddress = new MacAddress(2, 0, 0, 0, 0, 1) })
                .ReplaceFdb(new FdbEntry { Link = 11, Address = new MacAddress(2, 0, 0, 0, 0, 2), Remote = IPAddress.Parse("10.0.0.2"), Port = 99, Vni = 7 }));
        }

        var messages = new List<byte[]>();
        using NetlinkSocket socket = NetlinkSocket.Open(Libc.NETLINK_ROUTE, scope.Namespace);
        foreach ((ushort type, byte family, int headerBytes) in new (ushort, byte, int)[]
        {
            (RouteConstants.RTM_GETLINK, 0, 16), (RouteConstants.RTM_GETADDR, 0, 8), (RouteConstants.RTM_GETROUTE, 2, 12), (RouteConstants.RTM_GETROUTE, 10, 12),
            (RouteConstants.RTM_GETNEIGH, 0, 12), (RouteConstants.RTM_GETNEIGH, 7, 12), (RouteConstants.RTM_GETRULE, 2, 12), (RouteConstants.RTM_GETRULE, 10, 12),
        })
        {
            var request = new NetlinkWriter();
            request.BeginMessage(type, NetlinkFlags.Request | NetlinkFlags.Dump, NetlinkSocket.NextSequence());
            request.Reserve(headerBytes)[0] = family;
            request.EndMessage();
            messages.AddRange(socket.Query(request, static (in NetlinkMessage m, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out byte[] copy) =>
            {
                var writer = new NetlinkWriter();
                writer.BeginMessage(m.Type, m.Flags, m.Sequence);
                m.Payload.CopyTo(writer.Reserve(m.Payload.Length));
                writer.EndMessage();
                copy = writer.Written.ToArray();
                return true;
            }, "copy a dump"));
        }

        Assert.That(messages, Has.Count.GreaterThan(20));
        return messages;
    }

    private static List<byte[]> Split(ReadOnlySpan<byte> messages)
    {
        var result = new List<byte[]>();
        while (!messages.IsEmpty)
        {
            int length = BitConverter.ToInt32(messages);
            result.Add(messages[..length].ToArray());
            messages = messages[Math.Min(NetlinkConstants.Align(length), messages.Length)..];
        }

        return result;
    }
}
