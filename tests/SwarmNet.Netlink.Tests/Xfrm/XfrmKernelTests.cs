using System.Net;
using SwarmNet.Linux;

namespace SwarmNet.Netlink.Xfrm;

/// <summary>Our states and policies as <c>ip xfrm</c> lists them, and its as we list them. Needs a kernel with ESP and AES-GCM.</summary>
[GuestFixture]
public sealed class XfrmKernelTests
{
    private static readonly XfrmMark OverlayMark = new(0xD0C4E3);

    private TestNamespace _host = null!;
    private XfrmSocket _xfrm = null!;

    private static XfrmStateSpec State => new()
    {
        Source = IPAddress.Parse("10.99.0.2"),
        Destination = IPAddress.Parse("10.99.0.1"),
        Spi = 0xc5d10bcf,
        RequestId = 0xD0C4E3,
        Aead = new XfrmAead(XfrmAead.AesGcm, Convert.FromHexString("000102030405060708090a0b0c0d0e0fc5d10bcf"), 64),
    };

    private static XfrmPolicySpec Policy => new()
    {
        Direction = XfrmDirection.Out,
        Selector = new XfrmSelector { Source = IPNetwork.Parse("10.99.0.1/32"), Destination = IPNetwork.Parse("10.99.0.2/32"), Protocol = 17, DestinationPort = 4789 },
        Mark = OverlayMark,
        Templates = [new XfrmTemplate { Source = IPAddress.Parse("10.99.0.1"), Destination = IPAddress.Parse("10.99.0.2"), Spi = 0x76990a9f, RequestId = 0xD0C4E3 }],
    };

    [SetUp]
    public void Open()
    {
        _host = new TestNamespace();
        _xfrm = XfrmSocket.Open(_host.Namespace);
    }

    [TearDown]
    public void Close()
    {
        _xfrm?.Dispose();
        _host?.Dispose();
    }

    [Test]
    public void A_state_is_what_the_tool_lists()
    {
        _xfrm.Execute(new XfrmBatch().AddState(State));

        Assert.That(Words(_host.Exec("ip", "xfrm state")), Does
            .Contain("src 10.99.0.2 dst 10.99.0.1 proto esp spi 0xc5d10bcf reqid 13681891 mode transport replay-window 0").And
            .Contain("aead rfc4106(gcm(aes)) 0x000102030405060708090a0b0c0d0e0fc5d10bcf 64").And.Not.Contain("mark"));
        XfrmStateEntry listed = _xfrm.GetStates().Single();
        Assert.That(listed, Is.EqualTo(new XfrmStateEntry { Spec = State }));
        Assert.That(_xfrm.FindState(State.Id), Is.EqualTo(listed));
        Assert.That(_xfrm.FindState(State.Id with { Spi = 256 }), Is.Null);

        Assert.That(() => _xfrm.Execute(new XfrmBatch().AddState(State)), Throws.TypeOf<NetlinkException>().With.Property(nameof(NetlinkException.Errno)).EqualTo(Errno.EEXIST));
        _xfrm.Execute(new XfrmBatch().AddState(State, ignoreExisting: true).DeleteState(State.Id).DeleteState(State.Id, ignoreMissing: true));
        Assert.That(_host.Exec("ip", "xfrm state"), Is.Empty);
        Assert.That(() => _xfrm.Execute(new XfrmBatch().DeleteState(State.Id)), Throws.TypeOf<NetlinkException>().With.Property(nameof(NetlinkException.Errno)).EqualTo(Errno.ESRCH));
    }

    [Test]
    public void A_state_with_mark_and_extended_sequence_numbers_is_what_the_tool_lists()
    {
        XfrmStateSpec state = State with
        {
            Source = IPAddress.Parse("fd00::2"),
            Destination = IPAddress.Parse("fd00::1"),
            Mark = OverlayMark,
            ExtendedSequence = true,
            ReplayWindow = 256,
            Mode = XfrmMode.Tunnel,
            Selector = new XfrmSelector { Source = IPNetwork.Parse("fd01::/64"), Destination = IPNetwork.Parse("fd02::/64"), Protocol = 6 },
        };
        _xfrm.Execute(new XfrmBatch().AddState(state));

        Assert.That(Words(_host.Exec("ip", "xfrm state")), Does
            .Contain("src fd00::2 dst fd00::1 proto esp spi 0xc5d10bcf reqid 13681891 mode tunnel").And
            .Contain("flag esn").And.Contain("mark 0xd0c4e3/0xffffffff").And.Contain("replay_window 256").And.Contain("sel src fd01::/64 dst fd02::/64 proto tcp"));
        Assert.That(_xfrm.GetStates().Single().Spec, Is.EqualTo(state));
        Assert.That(_xfrm.FindState(state.Id with { Mark = null }), Is.Null, "the mark is part of its name");
        Assert.That(_xfrm.FindState(state.Id)!.Spec, Is.EqualTo(state));
    }

    [Test]
    public void A_policy_is_what_the_tool_lists_and_is_replaced_in_place()
    {
        _xfrm.Execute(new XfrmBatch().AddPolicy(Policy));

        Assert.That(Words(_host.Exec("ip", "xfrm policy")), Does
            .Contain("src 10.99.0.1/32 dst 10.99.0.2/32 proto udp dport 4789 dir out priority 0").And.Contain("mark 0xd0c4e3/0xffffffff").And
            .Contain("tmpl src 10.99.0.1 dst 10.99.0.2 proto esp spi 0x76990a9f reqid 13681891 mode transport"));
        Assert.That(_xfrm.GetPolicies().Single(), Is.EqualTo(Policy));
        Assert.That(_xfrm.FindPolicy(Policy.Direction, Policy.Selector, Policy.Mark), Is.EqualTo(Policy));
        Assert.That(_xfrm.FindPolicy(XfrmDirection.In, Policy.Selector, Policy.Mark), Is.Null);
        Assert.That(() => _xfrm.Execute(new XfrmBatch().AddPolicy(Policy)), Throws.TypeOf<NetlinkException>().With.Property(nameof(NetlinkException.Errno)).EqualTo(Errno.EEXIST));

        XfrmPolicySpec rotated = Policy with { Templates = [Policy.Templates[0] with { Spi = 0x0f346f62 }] };
        _xfrm.Execute(new XfrmBatch().AddPolicy(Policy, ignoreExisting: true).ReplacePolicy(rotated));
        Assert.That(_xfrm.GetPolicies().Single(), Is.EqualTo(rotated));

        _xfrm.Execute(new XfrmBatch().DeletePolicy(rotated).DeletePolicy(rotated, ignoreMissing: true));
        Assert.That(_host.Exec("ip", "xfrm policy"), Is.Empty);
    }

    [Test]
    public void Policies_in_all_directions_with_several_templates_are_listed_back()
    {
        XfrmPolicySpec[] wanted =
        [
            Policy with { Direction = XfrmDirection.In, Block = true, Templates = [] },
            Policy with { Direction = XfrmDirection.Forward, Priority = 7, Mark = null },
            Policy with { Direction = XfrmDirection.In, Selector = Policy.Selector with { Source = IPNetwork.Parse("::/0"), Destination = IPNetwork.Parse("fd00::/8"), SourcePort = 9 }, Templates = [Tunnel6] },
        ];
        var batch = new XfrmBatch();
        foreach (XfrmPolicySpec policy in wanted)
        {
            batch.AddPolicy(policy);
        }

        _xfrm.Execute(batch);

        Assert.That(_xfrm.GetPolicies(), Is.EquivalentTo(wanted));
        Assert.That(_host.Exec("ip", "xfrm policy"), Does.Contain("action block").And.Contain("dir fwd").And.Contain("level use"));
    }

    [Test]
    public void What_the_tool_makes_is_listed()
    {
        _host.Exec("ip", "xfrm state add src 10.0.0.1 dst 10.0.0.2 proto esp spi 0x1000 reqid 5 mode tunnel replay-window 32 aead rfc4106(gcm(aes)) 0x000102030405060708090a0b0c0d0e0f10111213 128");
        _host.Exec("ip", "xfrm policy add src 10.1.0.0/16 dst 10.2.0.0/16 dir in priority 3 tmpl src 10.0.0.1 dst 10.0.0.2 proto esp reqid 5 mode tunnel");

        Assert.That(_xfrm.GetStates().Single().Spec, Is.EqualTo(new XfrmStateSpec
        {
            Source = IPAddress.Parse("10.0.0.1"),
            Destination = IPAddress.Parse("10.0.0.2"),
            Spi = 0x1000,
            RequestId = 5,
            Mode = XfrmMode.Tunnel,
            ReplayWindow = 32,
            Aead = new XfrmAead(XfrmAead.AesGcm, Convert.FromHexString("000102030405060708090a0b0c0d0e0f10111213"), 128),
        }));
        Assert.That(_xfrm.GetPolicies().Single(), Is.EqualTo(new XfrmPolicySpec
        {
            Direction = XfrmDirection.In,
            Priority = 3,
            Selector = new XfrmSelector { Source = IPNetwork.Parse("10.1.0.0/16"), Destination = IPNetwork.Parse("10.2.0.0/16") },
            Templates = [new XfrmTemplate { Source = IPAddress.Parse("10.0.0.1"), Destination = IPAddress.Parse("10.0.0.2"), RequestId = 5, Mode = XfrmMode.Tunnel }],
        }));
    }

    [Test]
    public void Flush_removes_everything_and_needs_nothing_to_be_there()
    {
        var batch = new XfrmBatch();
        for (uint spi = 256; spi < 556; spi++)
        {
            batch.AddState(State with { Spi = spi });
        }

        _xfrm.Execute(batch.AddPolicy(Policy));
        Assert.That(_xfrm.GetStates(), Has.Count.EqualTo(300));

        _xfrm.Execute(new XfrmBatch().FlushStates(XfrmStateSpec.Esp).FlushPolicies());
        Assert.That(_xfrm.GetStates(), Is.Empty);
        Assert.That(_xfrm.GetPolicies(), Is.Empty);
        Assert.That(() => _xfrm.Execute(new XfrmBatch().FlushStates().FlushPolicies()), Throws.Nothing);
    }

    private static XfrmTemplate Tunnel6 =>
        new() { Source = IPAddress.Parse("fd00::1"), Destination = IPAddress.Parse("fd00::2"), Mode = XfrmMode.Tunnel, Optional = true, Spi = 0x2000 };

    private static string Words(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
