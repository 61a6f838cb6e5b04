using SwarmNet.Grpc;

namespace SwarmNet.Manager.Dispatcher;

public sealed class SessionTableTests
{
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(15);

    [Test]
    public void A_session_lives_until_its_grace_is_over()
    {
        var table = new SessionTable();
        var session = table.Register("n1", "s1", Seconds(0), s_grace)!;
        Assert.That(table.TakeExpired(Seconds(14)), Is.Empty);
        table.Beat(session, Seconds(14), s_grace);
        Assert.That(table.TakeExpired(Seconds(28)), Is.Empty);
        Assert.That(table.TakeExpired(Seconds(29)), Is.EqualTo(new[] { session }));
        Assert.That(session.Ended.IsCancellationRequested);
        Assert.That(table.IsRegistered("n1"), Is.False);
        Assert.That(table.TakeExpired(Seconds(29)), Is.Empty);
    }

    [Test]
    public void Calls_need_the_session_of_their_node()
    {
        var table = new SessionTable();
        Assert.That(() => table.Get("n1", "s1"), Refused(StatusCode.NotFound, "node not registered"));
        table.Expect("n1", Seconds(0), s_grace);
        Assert.That(() => table.Get("n1", ""), Refused(StatusCode.NotFound, "node not registered"));
        var session = table.Register("n1", "s1", Seconds(0), s_grace);
        Assert.That(table.Get("n1", "s1"), Is.SameAs(session));
        Assert.That(() => table.Get("n1", "s2"), Refused(StatusCode.InvalidArgument, "session invalid"));
    }

    [Test]
    public void A_new_registration_ends_the_old_session()
    {
        var table = new SessionTable();
        var old = table.Register("n1", "s1", Seconds(0), s_grace)!;
        var other = table.Register("n2", "s2", Seconds(0), s_grace)!;
        var session = table.Register("n1", "s3", Seconds(1), s_grace)!;
        Assert.That((old.Ended.IsCancellationRequested, session.Ended.IsCancellationRequested, other.Ended.IsCancellationRequested), Is.EqualTo((true, false, false)));
        Assert.That(table.Find("n1", "s1"), Is.Null);
        Assert.That(table.Find("n1", "s3"), Is.SameAs(session));
    }

    [Test]
    public void Three_registrations_in_eight_seconds_and_no_more()
    {
        var table = new SessionTable();
        for (var i = 0; i < 3; i++)
        {
            Assert.That(table.Register("n1", $"s{i}", Seconds(i), s_grace), Is.Not.Null);
        }

        Assert.That(table.Register("n1", "s3", Seconds(3), s_grace), Is.Null);
        Assert.That(table.Register("n1", "s3", Seconds(10), s_grace), Is.Null, "eight seconds since the last one, not before");
        Assert.That(table.Register("n2", "s3", Seconds(3), s_grace), Is.Not.Null, "each node for itself");
        Assert.That(table.Find("n1", "s2"), Is.Not.Null, "a refused registration takes nothing away");
        Assert.That(table.Register("n1", "s4", Seconds(10.5), s_grace), Is.Not.Null);
    }

    [Test]
    public void Expected_nodes_expire_too()
    {
        var table = new SessionTable();
        table.Expect("n1", Seconds(0), 2 * s_grace);
        Assert.That(table.TakeExpired(Seconds(29)), Is.Empty);
        var expired = table.TakeExpired(Seconds(30)).Single();
        Assert.That((expired.NodeId, expired.IsExpected), Is.EqualTo(("n1", true)));
        Assert.That(table.Nodes, Is.Empty);
    }

    private static TimeSpan Seconds(double value) => TimeSpan.FromSeconds(value);

    private static NUnit.Framework.Constraints.IConstraint Refused(StatusCode code, string text)
        => Throws.TypeOf<RpcException>().With.Property("Status").EqualTo(new GrpcStatus(code, text));
}
