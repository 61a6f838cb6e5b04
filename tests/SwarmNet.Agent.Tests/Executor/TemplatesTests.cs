using SwarmNet.Agent.Executor;
using SwarmNet.Agent.Tasks;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Tests.Executor;

public class TemplatesTests
{
    private static readonly NodeDescription Node = new() { Hostname = "host1", Platform = new Platform { Os = "linux", Architecture = "x86_64" } };

    private static SwarmTask Task() => new()
    {
        Id = "t1",
        ServiceId = "s1",
        NodeId = "n1",
        Slot = 4,
        ServiceAnnotations = new Annotations { Name = "web", Labels = { ["a.b"] = "c" } },
    };

    [TestCase("plain", "plain")]
    [TestCase("{{.Service.ID}}/{{.Service.Name}}", "s1/web")]
    [TestCase("{{ .Node.ID }}-{{.Node.Hostname}}-{{.Node.Platform.OS}}-{{.Node.Platform.Architecture}}", "n1-host1-linux-x86_64")]
    [TestCase("{{.Task.Name}} {{.Task.Slot}} {{.Task.ID}}", "web.4.t1 4 t1")]
    [TestCase("{{index .Service.Labels \"a.b\"}}", "c")]
    [TestCase("{{join \"-\" .Task.Slot \"x y\"}}", "4-x y")]
    public void Placeholders_are_filled_in(string text, string expected) => Assert.That(new Templates(Task(), Node).Expand(text), Is.EqualTo(expected));

    [TestCase("{{.Nope}}", "expanding \"{{.Nope}}\" failed: can't evaluate field .Nope")]
    [TestCase("{{nope 1}}", "expanding \"{{nope 1}}\" failed: function \"nope\" not defined")]
    [TestCase("{{.Task.ID", "expanding \"{{.Task.ID\" failed: unclosed action")]
    public void A_placeholder_that_cannot_be_filled_says_so(string text, string error) =>
        Assert.That(() => new Templates(Task(), Node).Expand(text), Throws.TypeOf<TaskException>().With.Message.EqualTo(error));

    [Test]
    public void The_slot_of_a_global_task_is_its_node()
    {
        var task = Task();
        task.Slot = 0;

        Assert.That(new Templates(task, Node).Expand("{{.Task.Slot}} {{.Task.Name}}"), Is.EqualTo("n1 web.n1.t1"));
    }

    [Test]
    public void Capabilities_start_from_Dockers_set()
    {
        Assert.That(ContainerCapabilities.Of([], []), Has.Count.EqualTo(14).And.Contains("CAP_NET_BIND_SERVICE"));
        Assert.That(ContainerCapabilities.Of(["NET_ADMIN"], ["cap_chown"]), Has.Member("CAP_NET_ADMIN").And.No.Member("CAP_CHOWN"));
        Assert.That(ContainerCapabilities.Of(["KILL"], ["ALL"]), Is.EqualTo(new[] { "CAP_KILL" }));
        Assert.That(ContainerCapabilities.Of(["ALL"], []), Has.Count.EqualTo(41));
        Assert.That(() => ContainerCapabilities.Of(["NOPE"], []), Throws.TypeOf<TaskException>());
    }
}
