using SwarmNet.Linux;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Netlink;

[TestFixture]
public sealed class NetlinkAttributePathTests
{
    private static readonly NetlinkAttributeSet _names = new NetlinkAttributeSet(headerBytes: 4)
        .Add(1, "KIND")
        .AddSelected(2, "DATA", selector: 1, static kind => kind == "a" ? new NetlinkAttributeSet(headerBytes: 2).Add(9, "A_NINE") : null);

    private byte[] _message = null!;
    private int _kind;
    private int _data;
    private int _nine;
    private int _unknown;

    [SetUp]
    public void Write()
    {
        var writer = new NetlinkWriter();
        writer.BeginMessage(77, 0, 1);
        writer.Append(0);
        _kind = writer.Length;
        writer.PutString(1, "a");
        _data = writer.Length;
        int nest = writer.BeginNested(2);
        writer.Reserve(2);
        _nine = writer.Length;
        writer.Put(9, (byte)1);
        _unknown = writer.Length;
        writer.Put(10, 1u);
        writer.EndNested(nest);
        writer.EndMessage();
        _message = writer.Written.ToArray();
    }

    [Test]
    public void An_offset_becomes_the_names_of_the_header()
    {
        Assert.That(At(_kind), Is.EqualTo("KIND"));
        Assert.That(At(_data), Is.EqualTo("DATA"));
        Assert.That(At(_nine), Is.EqualTo("DATA/A_NINE"));
        Assert.That(At(_unknown), Is.EqualTo("DATA/attribute 10"));
    }

    [Test]
    public void Without_names_the_path_is_of_numbers()
    {
        Assert.That(NetlinkAttributePath.At(_message, _data, new NetlinkAttributeSet(4)), Is.EqualTo("attribute 2"));
        Assert.That(NetlinkAttributePath.At(_message, _data, null), Is.Null, "not even the header's size is known");
    }

    [Test]
    public void A_missing_attribute_is_named_in_its_nest()
    {
        Assert.That(NetlinkAttributePath.Missing(_message, 1, 0, _names), Is.EqualTo("KIND"));
        Assert.That(NetlinkAttributePath.Missing(_message, 9, _data, _names), Is.EqualTo("DATA/A_NINE"));
        Assert.That(NetlinkAttributePath.Missing(_message, 55, _data, _names), Is.EqualTo("DATA/attribute 55"));
    }

    [Test]
    public void Any_offset_in_any_bytes_is_answered()
    {
        var random = new Random(TestSeed.Next());
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = (byte[])_message.Clone();
            for (int n = random.Next(4); n > 0; n--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            int offset = random.Next(-4, bytes.Length + 8);
            Assert.That(() => NetlinkAttributePath.At(bytes, offset, _names), Throws.Nothing);
            Assert.That(() => NetlinkAttributePath.Missing(bytes, 3, Math.Max(offset, 0), _names), Throws.Nothing);
        }
    }

    [Test]
    [Category("Kernel")]
    public void The_kernels_refusals_name_attributes()
    {
        using var scope = new TestNamespace();
        using Rtnetlink rtnetlink = Rtnetlink.Open(scope.Namespace);
        var batch = new RtnetlinkBatch();
        batch.AddLink(new VxlanSpec { Name = "vx0", Vni = 5, SourcePorts = (9, 3) });
        batch.AddLink(new BridgeSpec { Name = "br0", Mtu = 20 });
        batch.AddRoute(new RouteEntry { Destination = System.Net.IPNetwork.Parse("10.0.0.0/8"), Link = 1, Priority = 1, Source = System.Net.IPAddress.Parse("9.9.9.9") });
        batch.Begin(RouteConstants.RTM_NEWNEIGH, NetlinkFlags.Create, "add neighbour without address");
        batch.Append(new ndmsg { ndm_family = RouteConstants.AF_INET, ndm_ifindex = 1 });
        batch.EndMessage();

        Assert.That(rtnetlink.TryExecute(batch), Is.False);
        TestContext.Out.WriteLine(string.Join('\n', batch.Failures.Select(f => f.Message)));
        Assert.That(batch.Failures[0].Attribute, Is.EqualTo("IFLA_LINKINFO/IFLA_INFO_DATA/IFLA_VXLAN_PORT_RANGE"));
        Assert.That(batch.Failures[0].Errno, Is.EqualTo(Errno.EINVAL));
    }

    private string? At(int offset) => NetlinkAttributePath.At(_message, offset, _names);
}
