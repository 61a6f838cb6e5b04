using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Dispatcher;

public sealed class AssignmentSetTests
{
    private StoreView _view = StoreView.Empty;

    [SetUp]
    public void SetUp() => _view = StoreView.Empty;

    [Test]
    public void The_first_message_is_COMPLETE_even_when_empty()
    {
        var first = new AssignmentSet("n1").Next(_view)!;
        Assert.That((first.Type, first.AppliesTo, first.ResultsIn, first.Changes.Count), Is.EqualTo((AssignmentsMessage.Types.Type.Complete, "", "1", 0)));
    }

    [Test]
    public void Then_only_changes_are_told_in_an_unbroken_row()
    {
        var set = new AssignmentSet("n1");
        Put(Task("t1"));
        Assert.That(Told(set.Next(_view)), Is.EqualTo(new[] { "UPDATE task t1" }));
        Assert.That(set.Next(_view), Is.Null);
        Put(Task("t2"));
        var second = set.Next(_view)!;
        Assert.That((second.Type, second.AppliesTo, second.ResultsIn), Is.EqualTo((AssignmentsMessage.Types.Type.Incremental, "1", "2")));
        Assert.That(Told(second), Is.EqualTo(new[] { "UPDATE task t2" }));
        Put(Task("t1", desired: TaskState.Shutdown));
        _view = _view.Remove(Task("t2"));
        var third = set.Next(_view)!;
        Assert.That((third.AppliesTo, third.ResultsIn), Is.EqualTo(("2", "3")));
        Assert.That(Told(third), Is.EqualTo(new[] { "UPDATE task t1", "REMOVE task t2" }));
        Assert.That(third.Changes[1].Assignment.Task, Is.EqualTo(new SwarmTask { Id = "t2" }), "only the id");
    }

    [Test]
    public void Tasks_before_ASSIGNED_and_of_other_nodes_are_not_sent()
    {
        var set = new AssignmentSet("n1");
        Put(Task("t1", TaskState.Pending));
        Put(Task("t2", node: "n2"));
        Assert.That(Told(set.Next(_view)), Is.Empty);
        Put(Task("t1"));
        Assert.That(Told(set.Next(_view)), Is.EqualTo(new[] { "UPDATE task t1" }));
    }

    [Test]
    public void Statuses_that_the_node_reported_are_not_echoed()
    {
        var set = new AssignmentSet("n1");
        Put(Task("t1"));
        set.Next(_view);
        Put(Task("t1", TaskState.Running));
        Assert.That(set.Next(_view), Is.Null);
        Put(Task("t1", TaskState.Running, desired: TaskState.Shutdown));
        Assert.That(Told(set.Next(_view)), Is.EqualTo(new[] { "UPDATE task t1" }));
        Put(Task("t1", TaskState.Shutdown, desired: TaskState.Shutdown));
        Assert.That(set.Next(_view), Is.Null);
    }

    [Test]
    public void Secrets_and_configs_come_before_their_task_and_go_after_the_last_one()
    {
        var set = new AssignmentSet("n1");
        Put(new Secret { Id = "sec1" });
        Put(new Secret { Id = "sec2" });
        Put(new Config { Id = "con1" });
        Put(WithReferences(Task("t1")));
        Put(WithReferences(Task("t2")));
        Put(WithReferences(Task("t3", node: "n2")));
        var first = set.Next(_view);
        Assert.That(Told(first), Is.EqualTo(new[] { "UPDATE secret sec1", "UPDATE config con1", "UPDATE task t1", "UPDATE task t2" }), "sec2 is nobody's here");
        Put(WithReferences(Task("t1", TaskState.Shutdown)));
        Assert.That(set.Next(_view), Is.Null, "t2 uses them still");
        Put(WithReferences(Task("t2", TaskState.Failed)));
        var last = set.Next(_view)!;
        Assert.That(Told(last), Is.EqualTo(new[] { "REMOVE secret sec1", "REMOVE config con1" }));
        Assert.That(last.Changes[0].Assignment.Secret, Is.EqualTo(new Secret { Id = "sec1" }), "never the data");
    }

    [Test]
    public void A_secret_that_comes_late_is_sent_when_it_is_there()
    {
        var set = new AssignmentSet("n1");
        Put(WithReferences(Task("t1")));
        Assert.That(Told(set.Next(_view)), Is.EqualTo(new[] { "UPDATE task t1" }));
        Put(new Secret { Id = "sec1" });
        Assert.That(Told(set.Next(_view)), Is.EqualTo(new[] { "UPDATE secret sec1" }));
    }

    [Test]
    public void A_finished_task_brings_no_secrets()
    {
        Put(new Secret { Id = "sec1" });
        Put(WithReferences(Task("t1", TaskState.Complete)));
        Assert.That(Told(new AssignmentSet("n1").Next(_view)), Is.EqualTo(new[] { "UPDATE task t1" }));
    }

    private void Put(Google.Protobuf.IMessage value) => _view = _view.Set(value);

    private static SwarmTask Task(string id, TaskState state = TaskState.Assigned, TaskState desired = TaskState.Running, string node = "n1")
        => new() { Id = id, NodeId = node, Status = new TaskStatus { State = state }, DesiredState = desired, Spec = new TaskSpec() };

    private static SwarmTask WithReferences(SwarmTask task)
    {
        task.Spec.Container = new ContainerSpec { Secrets = { new SecretReference { SecretId = "sec1" } }, Configs = { new ConfigReference { ConfigId = "con1" } } };
        return task;
    }

    private static List<string> Told(AssignmentsMessage? message) => [.. message!.Changes.Select(change => (change.Action, change.Assignment.ItemCase) switch
    {
        (var action, Assignment.ItemOneofCase.Task) => $"{action} task {change.Assignment.Task.Id}",
        (var action, Assignment.ItemOneofCase.Secret) => $"{action} secret {change.Assignment.Secret.Id}",
        (var action, _) => $"{action} config {change.Assignment.Config.Id}",
    }).Select(text => text.Replace("Update", "UPDATE", StringComparison.Ordinal).Replace("Remove", "REMOVE", StringComparison.Ordinal))];
}
