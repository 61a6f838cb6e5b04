using SwarmNet.Manager.Scheduler;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Tests.Scheduler;

[TestFixture]
public sealed class ConstraintTests
{
    [TestCase("node.id==n1", true)]
    [TestCase("NODE.ID == N1", true)]
    [TestCase("node.id!=n1", false)]
    [TestCase("node.hostname==n1", true)]
    [TestCase("node.role==worker", true)]
    [TestCase("node.role!=manager", true)]
    [TestCase("node.platform.os==linux", true)]
    [TestCase("node.platform.arch==x86_64", true)]
    [TestCase("node.platform.arch==amd64", false)]
    [TestCase("node.labels.Zone==A", true)]
    [TestCase("node.labels.zone==a", false)]
    [TestCase("node.labels.zone!=a", true)]
    [TestCase("Node.Labels.Zone==a", true)]
    [TestCase("engine.labels.disk==ssd", true)]
    [TestCase("engine.labels.none!=x", true)]
    [TestCase("node.ip==10.200.0.1", true)]
    [TestCase("node.ip==10.200.0.0/24", true)]
    [TestCase("node.ip!=10.201.0.0/16", true)]
    [TestCase("node.ip==10.200.0.0/33", false)]
    [TestCase("node.ip!=frob", false)]
    [TestCase("node.frob==1", false)]
    [TestCase("node.frob!=1", false)]
    public void A_constraint_is_compared_as_docker_does(string expression, bool matches)
    {
        var node = Specs.ReadyNode("n1");
        node.Spec.Annotations.Labels["Zone"] = "a";
        node.Description.Engine.Labels["disk"] = "ssd";
        Assert.That(Constraint.TryParse([expression], out var constraints, out _), Is.True);
        Assert.That(Constraint.AllMatch(constraints!, node), Is.EqualTo(matches));
    }

    [TestCase("frob", "constraint expected one operator from ==, !=")]
    [TestCase("a=b", "constraint expected one operator from ==, !=")]
    [TestCase("1a==b", "key '1a' is invalid")]
    [TestCase("==b", "key '' is invalid")]
    [TestCase("node.id==", "value '' is invalid")]
    [TestCase("node.id==a,b", "value 'a,b' is invalid")]
    public void A_bad_one_is_named(string expression, string error)
    {
        Assert.That(Constraint.TryParse(["node.id==x", expression], out _, out var actual), Is.False);
        Assert.That(actual, Is.EqualTo(error));
    }

    [Test]
    public void All_must_hold_and_an_empty_node_breaks_nothing()
    {
        Assert.That(Constraint.TryParse(["node.id==", "x"], out _, out _), Is.False);
        Assert.That(Constraint.TryParse(["node.hostname!=a", "node.ip!=1.2.3.4"], out var constraints, out _), Is.True);
        Assert.That(Constraint.AllMatch(constraints!, new Node()), Is.False, "an address that is not known never matches");
    }
}
