using SwarmNet.Linux;
using static SwarmNet.Netlink.FakeKernel;

namespace SwarmNet.Netlink;

/// <summary>Answers that a real kernel gives rarely.</summary>
[TestFixture]
public sealed class NetlinkQueryTests
{
    private const ushort Item = 100;

    [Test]
    public void A_dump_that_was_interrupted_is_read_again_with_a_fresh_number()
    {
        var sequences = new List<uint>();
        using var kernel = new FakeKernel((number, sequence) =>
        {
            sequences.Add(sequence);
            return number < 3
                ? [Message(Item, NetlinkFlags.Multi, sequence, 1), Message(Item, NetlinkFlags.Multi | NetlinkFlags.DumpInterrupted, sequence, 2), Done(sequence)]
                : [Message(Item, NetlinkFlags.Multi, sequence, 7), Done(sequence)];
        });

        Assert.That(Query(kernel), Is.EqualTo(new[] { 7u }), "nothing of the inconsistent lists");
        Assert.That(sequences, Is.Unique.And.Count.EqualTo(3));
    }

    [Test]
    public void The_end_of_a_dump_can_carry_the_mark_too()
    {
        using var kernel = new FakeKernel((number, sequence) =>
            [Message(Item, NetlinkFlags.Multi, sequence, (uint)number), Done(sequence, number == 1 ? NetlinkFlags.Multi | NetlinkFlags.DumpInterrupted : NetlinkFlags.Multi)]);

        Assert.That(Query(kernel), Is.EqualTo(new[] { 2u }));
    }

    [Test]
    public void A_dump_that_never_becomes_consistent_is_a_clear_error()
    {
        using var kernel = new FakeKernel((_, sequence) => [Done(sequence, NetlinkFlags.Multi | NetlinkFlags.DumpInterrupted)]);

        NetlinkException e = Assert.Throws<NetlinkException>(() => Query(kernel))!;
        Assert.That(e.Errno, Is.EqualTo(Errno.EAGAIN));
        Assert.That(e.Message, Does.StartWith("list things: ").And.Contain("changed during each of 10 attempts"));
        Assert.That(kernel.Requests, Is.EqualTo(10));
    }

    [Test]
    public void An_error_ends_a_dump_also_when_it_was_interrupted()
    {
        using var kernel = new FakeKernel((_, sequence) =>
            [Message(NetlinkConstants.NLMSG_DONE, NetlinkFlags.Multi | NetlinkFlags.DumpInterrupted, sequence, unchecked((uint)-(int)Errno.EPERM))]);

        Assert.That(() => Query(kernel), Throws.TypeOf<NetlinkException>().With.Property(nameof(NetlinkException.Errno)).EqualTo(Errno.EPERM));
        Assert.That(kernel.Requests, Is.EqualTo(1));
    }

    [Test]
    public void A_datagram_larger_than_the_buffer_is_read_whole()
    {
        uint[] large = [.. Enumerable.Range(0, 40_000).Select(i => (uint)i)];
        using var kernel = new FakeKernel((_, sequence) => [Message(Item, NetlinkFlags.Multi, sequence, large), Done(sequence)], receiveBufferBytes: 256);

        Assert.That(Query(kernel, static (in NetlinkMessage m, out uint last) => System.Runtime.InteropServices.MemoryMarshal.TryRead(m.Payload[^4..], out last)), Is.EqualTo(new[] { 39_999u }));
    }

    [Test]
    public void What_is_left_of_an_earlier_call_is_skipped()
    {
        using var kernel = new FakeKernel((_, sequence) =>
            [Message(Item, NetlinkFlags.Multi, sequence - 1, 1), Done(sequence - 1), Message(Item, NetlinkFlags.Multi, sequence, 2), Done(sequence)]);

        Assert.That(Query(kernel), Is.EqualTo(new[] { 2u }));
    }

    [Test]
    public void Malformed_answers_are_an_error_and_no_hang()
    {
        using var kernel = new FakeKernel((_, sequence) => [[1, 2, 3], Message(NetlinkConstants.NLMSG_ERROR, 0, sequence)]);

        Assert.That(() => Query(kernel), Throws.TypeOf<NetlinkException>().With.Property(nameof(NetlinkException.Errno)).EqualTo(Errno.EPROTO));
    }

    [Test]
    public void An_error_names_the_attribute()
    {
        // error, capped header of the request, NLMSGERR_ATTR_OFFS 20 and NLMSGERR_ATTR_MSG
        using var kernel = new FakeKernel((_, sequence) =>
        {
            var writer = new NetlinkWriter();
            writer.BeginMessage(NetlinkConstants.NLMSG_ERROR, (NetlinkFlags)0x300, sequence);
            writer.Append(-(int)Errno.EINVAL);
            writer.Reserve(16);
            writer.Put(NetlinkConstants.NLMSGERR_ATTR_OFFS, 20u);
            writer.PutString(NetlinkConstants.NLMSGERR_ATTR_MSG, "not this");
            writer.EndMessage();
            return [writer.Written.ToArray()];
        });

        NetlinkException e = Assert.Throws<NetlinkException>(() => Query(kernel))!;
        Assert.That(e.Attribute, Is.EqualTo("THING_NAME"));
        Assert.That(e.Message, Is.EqualTo("list things: Invalid argument (EINVAL): not this (THING_NAME)."));
    }

    private static List<uint> Query(FakeKernel kernel, NetlinkParser<uint>? parser = null)
    {
        var request = new NetlinkWriter();
        request.BeginMessage(Item, NetlinkFlags.Request | NetlinkFlags.Dump, NetlinkSocket.NextSequence());
        request.Append(0);
        request.PutString(1, "x");
        request.EndMessage();
        return kernel.Socket.Query(
            request,
            parser ?? (static (in NetlinkMessage m, out uint value) => m.TryReadHeader(out value)),
            "list things",
            static _ => new NetlinkAttributeSet(4).Add(1, "THING_NAME"));
    }
}
