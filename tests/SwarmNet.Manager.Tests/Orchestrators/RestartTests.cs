using Google.Protobuf.WellKnownTypes;
using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Tests.Simulation;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Tests.Orchestrators;

[TestFixture]
public sealed class RestartTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    private SimCluster _cluster = null!;

    [SetUp]
    public void SetUp()
    {
        _cluster = new SimCluster(1);
        _cluster.AddNode("n1");
        _cluster.AddNode("n2");
    }

    [TearDown]
    public async Task TearDown() => await _cluster.DisposeAsync();

    [Test]
    public void A_failed_task_is_replaced_in_its_slot_prepared_at_once_and_started_after_five_seconds()
    {
        var id = RunningService(1);
        var failed = Fail(id);
        _cluster.Advance(TimeSpan.FromSeconds(1));

        var replacement = _cluster.View.TasksOfService(id).Single(task => task.Id != failed);
        Assert.That(_cluster.View.Tasks.Get(failed)!.DesiredState, Is.EqualTo(TaskState.Shutdown));
        Assert.That((replacement.Slot, replacement.DesiredState, replacement.Status.State), Is.EqualTo((1UL, TaskState.Ready, TaskState.Ready)));

        _cluster.Advance(TimeSpan.FromSeconds(3.5));
        Assert.That(_cluster.Running(id), Is.Empty);
        _cluster.Advance(TimeSpan.FromSeconds(1));
        Assert.That(_cluster.Running(id).Single().Id, Is.EqualTo(replacement.Id));
    }

    [Test]
    public void The_policy_of_the_service_sets_the_delay()
    {
        var id = RunningService(1, new RestartPolicy { Condition = RestartPolicy.Types.Condition.RestartOnAny, Delay = new Duration() });
        Fail(id);
        _cluster.Advance(TimeSpan.FromSeconds(1));
        Assert.That(_cluster.Running(id).Count(), Is.EqualTo(1));
    }

    [Test]
    public void A_new_leader_goes_on_with_the_delay()
    {
        var id = RunningService(1);
        Fail(id);
        _cluster.Advance(TimeSpan.FromSeconds(3));
        _cluster.Elect();
        _cluster.Advance(TimeSpan.FromSeconds(1.5));
        Assert.That(_cluster.Running(id), Is.Empty);
        _cluster.Advance(TimeSpan.FromSeconds(1));
        Assert.That(_cluster.Running(id).Count(), Is.EqualTo(1));
    }

    [TestCase(RestartPolicy.Types.Condition.RestartOnNone, TaskState.Failed, false)]
    [TestCase(RestartPolicy.Types.Condition.RestartOnNone, TaskState.Complete, false)]
    [TestCase(RestartPolicy.Types.Condition.RestartOnFailure, TaskState.Complete, false)]
    [TestCase(RestartPolicy.Types.Condition.RestartOnFailure, TaskState.Failed, true)]
    [TestCase(RestartPolicy.Types.Condition.RestartOnAny, TaskState.Complete, true)]
    public void The_condition_decides(RestartPolicy.Types.Condition condition, TaskState end, bool restarts)
    {
        var id = RunningService(1, new RestartPolicy { Condition = condition });
        var task = _cluster.Running(id).Single();
        _cluster.Nodes.Single(node => node.Id == task.NodeId).Report(task, end);
        _cluster.Advance(TimeSpan.FromSeconds(10));
        Assert.That(_cluster.Running(id).Count(), Is.EqualTo(restarts ? 1 : 0));
        Assert.That(_cluster.View.TasksOfService(id).Count, Is.EqualTo(restarts ? 2 : 1));
    }

    [Test]
    public void Attempts_are_limited_and_history_keeps_as_many_and_one()
    {
        _cluster.Nodes.ForEach(node => node.Fails = task => task.Status.State == TaskState.Running);
        var id = _cluster.AddService(WithRestart(1, new RestartPolicy
        {
            Condition = RestartPolicy.Types.Condition.RestartOnAny,
            Delay = new Duration(),
            MaxAttempts = 7,
        }));
        _cluster.Advance(TimeSpan.FromMinutes(1));
        Assert.That(_cluster.View.TasksOfService(id).Count, Is.EqualTo(8));
        Assert.That(_cluster.View.TasksOfService(id).All(task => task.IsDead()), Is.True);
    }

    [Test]
    public void Attempts_within_a_window_are_counted_by_time()
    {
        _cluster.Nodes.ForEach(node => node.Fails = task => task.Status.State == TaskState.Running);
        var id = _cluster.AddService(WithRestart(1, new RestartPolicy
        {
            Condition = RestartPolicy.Types.Condition.RestartOnAny,
            Delay = TimeSpan.FromSeconds(10).ToDuration(),
            MaxAttempts = 2,
            Window = TimeSpan.FromSeconds(5).ToDuration(),
        }));
        _cluster.Advance(TimeSpan.FromMinutes(3));

        // One failure in ten seconds never makes two in five.
        Assert.That(_cluster.View.TasksOfService(id).Any(task => task.IsRunnable()), Is.True);
    }

    [Test]
    public void Failing_again_and_again_keeps_five_tasks_of_history()
    {
        _cluster.Nodes.ForEach(node => node.Fails = task => task.Status.State == TaskState.Running);
        var id = _cluster.AddService(WithRestart(1, new RestartPolicy { Condition = RestartPolicy.Types.Condition.RestartOnAny, Delay = new Duration() }));
        _cluster.Advance(TimeSpan.FromSeconds(30));
        Assert.That(_cluster.View.TasksOfService(id).Count, Is.InRange(4, 6));
    }

    [Test]
    public void A_node_that_goes_down_loses_its_tasks_to_the_others_and_keeps_them_while_it_is_unknown()
    {
        var id = RunningService(4);
        _cluster.UpdateNode("n1", node => node.Status.State = NodeState.Unknown);
        _cluster.Advance(Moment);
        Assert.That(_cluster.Running(id).Count(task => task.NodeId == "n1"), Is.EqualTo(2));

        _cluster.UpdateNode("n1", node => node.Status.State = NodeState.Ready);
        _cluster.Nodes[0].Kill();
        _cluster.AdvanceUntil(() => _cluster.Running(id).Count(task => task.NodeId == "n2") == 4, TimeSpan.FromSeconds(23), "all run on n2");
    }

    [Test]
    public void Draining_moves_tasks_without_the_delay()
    {
        var id = RunningService(4);
        _cluster.UpdateNode("n1", node => node.Spec.Availability = NodeAvailability.Drain);
        _cluster.AdvanceUntil(() => _cluster.Running(id).Count(task => task.NodeId == "n2") == 4, TimeSpan.FromSeconds(3), "all run on n2");
    }

    [Test]
    public void A_paused_node_keeps_its_tasks_and_gets_no_new_ones()
    {
        var id = RunningService(2);
        _cluster.UpdateNode("n1", node => node.Spec.Availability = NodeAvailability.Pause);
        _cluster.UpdateService(id, spec => spec.Replicated.Replicas = 6);
        _cluster.Advance(Moment);
        Assert.That(_cluster.Running(id).Count(task => task.NodeId == "n1"), Is.EqualTo(1));
        Assert.That(_cluster.Running(id).Count(task => task.NodeId == "n2"), Is.EqualTo(5));
    }

    [Test]
    public void Scaling_down_thins_the_busiest_node_first_and_takes_high_slots()
    {
        var id = RunningService(4);
        _cluster.UpdateNode("n2", node => node.Spec.Availability = NodeAvailability.Pause);
        _cluster.UpdateService(id, spec => spec.Replicated.Replicas = 6);
        _cluster.Advance(Moment);
        Assert.That(_cluster.Running(id).Count(task => task.NodeId == "n1"), Is.EqualTo(4));

        _cluster.UpdateService(id, spec => spec.Replicated.Replicas = 4);
        _cluster.Advance(Moment);
        Assert.That(_cluster.Running(id).Count(task => task.NodeId == "n1"), Is.EqualTo(2));
        Assert.That(_cluster.View.TasksOfService(id).Count, Is.EqualTo(4), "removed tasks leave no history");
    }

    [Test]
    public void Removing_a_service_stops_and_deletes_its_tasks()
    {
        var id = RunningService(3);
        _cluster.RemoveService(id);
        _cluster.Advance(Moment);
        Assert.That(_cluster.View.TasksOfService(id), Is.Empty);
    }

    [Test]
    public void A_task_that_never_found_a_node_goes_at_once()
    {
        var spec = Specs.Replicated("web", 2);
        spec.Task.Placement = new Placement { Constraints = { "node.hostname==nowhere" } };
        var id = _cluster.AddService(spec);
        _cluster.Advance(Moment);
        Assert.That(_cluster.View.TasksOfService(id).Select(task => task.Status.Err).Distinct().Single(),
            Is.EqualTo("no suitable node (scheduling constraints not satisfied on 2 nodes)"));
        Assert.That(_cluster.Scheduler.RefusalsOf(_cluster.View.TasksOfService(id).First().Id).Select(refusal => refusal.Hostname),
            Is.EqualTo(new[] { "n1", "n2" }));

        _cluster.RemoveService(id);
        _cluster.Advance(Moment);
        Assert.That(_cluster.View.TasksOfService(id), Is.Empty);
    }

    [Test]
    public void Tasks_of_a_node_away_for_a_day_are_orphans_and_free_their_addresses()
    {
        var network = _cluster.AddNetwork("demo");
        var id = _cluster.AddService(Specs.Replicated("web", 2, network));
        _cluster.Advance(Moment);
        _cluster.Nodes[0].Kill();
        _cluster.Advance(TimeSpan.FromMinutes(1));
        var left = _cluster.View.TasksOfNode("n1").Single();
        Assert.That((left.DesiredState, left.Status.State), Is.EqualTo((TaskState.Shutdown, TaskState.Running)));
        Assert.That(_cluster.View.Nodes.Get("n1")!.Attachments.Any(attachment => attachment.Network.Id == network), Is.True);

        _cluster.Advance(TimeSpan.FromHours(24));
        Assert.That(_cluster.View.Tasks.Get(left.Id)!.Status.State, Is.EqualTo(TaskState.Orphaned));
        Assert.That(_cluster.View.Nodes.Get("n1")!.Attachments.Any(attachment => attachment.Network.Id == network), Is.False);
    }

    [Test]
    public void A_node_that_no_longer_meets_the_constraints_loses_the_task()
    {
        _cluster.UpdateNode("n1", node => node.Spec.Annotations.Labels["disk"] = "ssd");
        var spec = Specs.Replicated("db", 1);
        spec.Task.Placement = new Placement { Constraints = { "node.labels.disk==ssd" } };
        var id = _cluster.AddService(spec);
        _cluster.Advance(Moment);
        Assert.That(_cluster.Running(id).Single().NodeId, Is.EqualTo("n1"));

        _cluster.UpdateNode("n1", node => node.Spec.Annotations.Labels.Clear());
        _cluster.UpdateNode("n2", node => node.Spec.Annotations.Labels["disk"] = "ssd");
        _cluster.AdvanceUntil(() => _cluster.Running(id).SingleOrDefault()?.NodeId == "n2", TimeSpan.FromSeconds(10), "it moved");
        var rejected = _cluster.View.TasksOfNode("n1").Single();
        Assert.That((rejected.Status.State, rejected.Status.Message, rejected.Status.Err), Is.EqualTo(
            (TaskState.Rejected, "task rejected by constraint enforcer", "assigned node no longer meets constraints")));
    }

    private string RunningService(ulong replicas, RestartPolicy? policy = null)
    {
        var id = _cluster.AddService(WithRestart(replicas, policy));
        _cluster.Advance(Moment);
        Assert.That(_cluster.Running(id).Count(), Is.EqualTo((int)replicas));
        return id;
    }

    private static ServiceSpec WithRestart(ulong replicas, RestartPolicy? policy)
    {
        var spec = Specs.Replicated("web", replicas);
        spec.Task.Restart = policy;
        return spec;
    }

    private string Fail(string serviceId)
    {
        var task = _cluster.Running(serviceId).First();
        _cluster.Nodes.Single(node => node.Id == task.NodeId).Report(task, TaskState.Failed, "task: non-zero exit (1)");
        return task.Id;
    }
}
