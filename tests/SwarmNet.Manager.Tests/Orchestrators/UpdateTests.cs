using Google.Protobuf.WellKnownTypes;
using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Tests.Simulation;
using SwarmNet.Protocol;
using State = SwarmNet.Protocol.UpdateStatus.Types.UpdateState;

namespace SwarmNet.Manager.Tests.Orchestrators;

[TestFixture]
public sealed class UpdateTests
{
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
    public void Creating_and_scaling_show_no_update_status()
    {
        var id = Running(3, new UpdateConfig());
        _cluster.UpdateService(id, spec => spec.Replicated.Replicas = 5);
        _cluster.Advance(TimeSpan.FromSeconds(2));
        Assert.That(_cluster.Running(id).Count(), Is.EqualTo(5));
        Assert.That(Status(id), Is.Null);
        Assert.That(_cluster.View.TasksOfService(id).Count, Is.EqualTo(5), "nothing was replaced");
    }

    [TestCase(1UL)]
    [TestCase(2UL)]
    public void Stop_first_replaces_so_many_slots_at_a_time(ulong parallelism)
    {
        var id = Running(4, new UpdateConfig { Parallelism = parallelism });
        var fewest = int.MaxValue;
        SetImage(id, "busybox:2");
        _cluster.AdvanceUntil(
            () =>
            {
                fewest = Math.Min(fewest, _cluster.Running(id).Count());
                return Status(id)?.State == State.UpdateCompleted;
            },
            TimeSpan.FromMinutes(1),
            "the update is complete");

        Assert.That(fewest, Is.EqualTo(4 - (int)parallelism));
        Assert.That(_cluster.Running(id).Select(task => task.Spec.Container.Image), Is.EqualTo(Enumerable.Repeat("busybox:2", 4)));
        Assert.That(Status(id)!.Message, Is.EqualTo("update completed"));
        Assert.That(Status(id)!.CompletedAt.ToDateTimeOffset() - Status(id)!.StartedAt.ToDateTimeOffset(), Is.GreaterThan(TimeSpan.FromSeconds(5)), "it watches on");
    }

    [Test]
    public void All_at_once_when_parallelism_is_zero()
    {
        var id = Running(4, new UpdateConfig { Parallelism = 0 });
        SetImage(id, "busybox:2");
        _cluster.AdvanceUntil(() => !_cluster.Running(id).Any(), TimeSpan.FromSeconds(1), "all have been stopped");
        _cluster.AdvanceUntil(() => _cluster.Running(id).Count() == 4, TimeSpan.FromSeconds(2), "all run again");
    }

    [Test]
    public void The_delay_comes_between_slots()
    {
        var id = Running(2, new UpdateConfig { Parallelism = 1, Delay = TimeSpan.FromSeconds(20).ToDuration() });
        SetImage(id, "busybox:2");
        _cluster.Advance(TimeSpan.FromSeconds(15));
        Assert.That(_cluster.Running(id).Count(task => task.Spec.Container.Image == "busybox:2"), Is.EqualTo(1));
        _cluster.Advance(TimeSpan.FromSeconds(10));
        Assert.That(_cluster.Running(id).Count(task => task.Spec.Container.Image == "busybox:2"), Is.EqualTo(2));
    }

    [Test]
    public void Start_first_never_runs_fewer_than_wanted()
    {
        var id = Running(3, new UpdateConfig { Parallelism = 1, Order = UpdateConfig.Types.UpdateOrder.StartFirst });
        SetImage(id, "busybox:2");
        var fewest = int.MaxValue;
        _cluster.AdvanceUntil(
            () =>
            {
                var running = _cluster.View.TasksOfService(id).Count(task => task.Status.State == TaskState.Running);
                fewest = Math.Min(fewest, running);
                return Status(id)?.State == State.UpdateCompleted;
            },
            TimeSpan.FromMinutes(1),
            "the update is complete");
        Assert.That(fewest, Is.EqualTo(3));
        Assert.That(_cluster.Running(id).Count(task => task.Spec.Container.Image == "busybox:2"), Is.EqualTo(3));
    }

    [Test]
    public void A_failing_update_pauses_with_the_tasks_id_and_any_update_lifts_it()
    {
        var id = Running(3, new UpdateConfig { Parallelism = 1 });
        FailImage("busybox:bad", TaskState.Preparing);
        SetImage(id, "busybox:bad");
        _cluster.AdvanceUntil(() => Status(id)?.State == State.UpdatePaused, TimeSpan.FromSeconds(20), "the update is paused");
        var failed = _cluster.View.TasksOfService(id).Where(task => task.Spec.Container.Image == "busybox:bad").OrderBy(task => task.Id).First();
        Assert.That(Status(id)!.Message, Is.EqualTo($"update paused due to failure or early termination of task {failed.Id}"));

        _cluster.Advance(TimeSpan.FromMinutes(1));
        Assert.That(_cluster.Running(id).Count(), Is.EqualTo(2), "the others are left alone");
        SetImage(id, "busybox:3");
        _cluster.AdvanceUntil(() => Status(id)?.State == State.UpdateCompleted, TimeSpan.FromMinutes(1), "the next update completes");
        Assert.That(_cluster.Running(id).Count(), Is.EqualTo(3));
    }

    [Test]
    public void A_failing_update_rolls_back_when_told_to()
    {
        var id = Running(3, new UpdateConfig { Parallelism = 1, FailureAction = UpdateConfig.Types.FailureAction.Rollback });
        FailImage("busybox:bad");
        SetImage(id, "busybox:bad");
        _cluster.AdvanceUntil(() => Status(id)?.State == State.UpdateRollbackStarted, TimeSpan.FromSeconds(20), "the rollback has begun");
        Assert.That(Status(id)!.Message, Does.Match("^update rolled back due to failure or early termination of task t[0-9]+$"));
        _cluster.AdvanceUntil(() => Status(id)?.State == State.UpdateRollbackCompleted, TimeSpan.FromMinutes(1), "the rollback is complete");

        Assert.That(Status(id)!.Message, Is.EqualTo("rollback completed"));
        Assert.That(_cluster.Running(id).Select(task => task.Spec.Container.Image), Is.EqualTo(Enumerable.Repeat("busybox", 3)));
        Assert.That(_cluster.View.Services.Get(id)!.PreviousSpec, Is.Null);
    }

    [Test]
    public void A_failing_update_goes_on_when_told_to()
    {
        var id = Running(3, new UpdateConfig { Parallelism = 1, FailureAction = UpdateConfig.Types.FailureAction.Continue });
        FailImage("busybox:bad");
        SetImage(id, "busybox:bad");
        _cluster.AdvanceUntil(() => Status(id)?.State == State.UpdateCompleted, TimeSpan.FromMinutes(1), "the update is complete");
        Assert.That(_cluster.Running(id).Any(task => task.Spec.Container.Image == "busybox"), Is.False);
    }

    [Test]
    public void A_tolerated_share_of_failures_does_not_stop_it()
    {
        var id = Running(4, new UpdateConfig { Parallelism = 1, MaxFailureRatio = 0.3f });
        var failures = 0;
        _cluster.Nodes.ForEach(node => node.Fails = task =>
            task.Spec.Container.Image == "busybox:2" && task.Status.State == TaskState.Running && failures++ == 0);
        SetImage(id, "busybox:2");
        _cluster.AdvanceUntil(() => Status(id)?.State == State.UpdateCompleted, TimeSpan.FromMinutes(1), "the update is complete");
        Assert.That(failures, Is.Positive);
    }

    [Test]
    public void A_new_leader_finishes_the_update()
    {
        var id = Running(4, new UpdateConfig { Parallelism = 1 });
        SetImage(id, "busybox:2");
        _cluster.Advance(TimeSpan.FromMilliseconds(700));
        Assert.That(Status(id)!.State, Is.EqualTo(State.UpdateUpdating));
        _cluster.Elect();
        _cluster.AdvanceUntil(() => Status(id)?.State == State.UpdateCompleted, TimeSpan.FromMinutes(1), "the update is complete");
        Assert.That(_cluster.Running(id).Count(task => task.Spec.Container.Image == "busybox:2"), Is.EqualTo(4));
    }

    [Test]
    public void New_pull_credentials_or_labels_of_the_service_replace_nothing()
    {
        var id = Running(2, new UpdateConfig());
        _cluster.UpdateService(id, spec =>
        {
            spec.Annotations.Labels["a"] = "b";
            spec.Task.Container.PullOptions = new ContainerSpec.Types.PullOptions { RegistryAuth = "secret" };
            spec.Task.Placement = new Placement { Constraints = { "node.role==worker" } };
        });
        _cluster.Advance(TimeSpan.FromSeconds(10));
        Assert.That(_cluster.View.TasksOfService(id).Count, Is.EqualTo(2));
    }

    [Test]
    public void A_forced_update_replaces_everything()
    {
        var id = Running(2, new UpdateConfig());
        _cluster.UpdateService(id, spec => spec.Task.ForceUpdate++);
        _cluster.AdvanceUntil(() => Status(id)?.State == State.UpdateCompleted, TimeSpan.FromMinutes(1), "the update is complete");
        Assert.That(_cluster.Running(id).All(task => task.Spec.ForceUpdate == 1), Is.True);
    }

    [Test]
    public void Global_services_are_updated_node_by_node()
    {
        var id = _cluster.AddService(Specs.Global("agent"));
        _cluster.Advance(TimeSpan.FromSeconds(1));
        Assert.That(_cluster.Running(id).Select(task => task.NodeId), Is.EquivalentTo(new[] { "n1", "n2" }));

        _cluster.AddNode("n3");
        _cluster.Advance(TimeSpan.FromSeconds(1));
        Assert.That(_cluster.Running(id).Count(), Is.EqualTo(3));

        SetImage(id, "busybox:2");
        _cluster.AdvanceUntil(() => Status(id)?.State == State.UpdateCompleted, TimeSpan.FromMinutes(1), "the update is complete");
        Assert.That(_cluster.Running(id).Count(task => task.Spec.Container.Image == "busybox:2"), Is.EqualTo(3));

        _cluster.UpdateNode("n2", node => node.Spec.Availability = NodeAvailability.Drain);
        _cluster.Advance(TimeSpan.FromSeconds(2));
        Assert.That(_cluster.Running(id).Select(task => task.NodeId), Is.EquivalentTo(new[] { "n1", "n3" }));
        _cluster.UpdateNode("n2", node => node.Spec.Availability = NodeAvailability.Active);
        _cluster.Advance(TimeSpan.FromSeconds(2));
        Assert.That(_cluster.Running(id).Count(), Is.EqualTo(3));
    }

    [Test]
    public void A_job_runs_so_many_times_so_many_at_once_and_failures_are_repeated()
    {
        var failures = 0;
        _cluster.Nodes.ForEach(node => node.Fails = task => task.Status.State == TaskState.Running && failures++ == 1);
        var id = _cluster.AddService(Specs.Job("job", concurrent: 2, total: 5));
        var most = 0;
        _cluster.AdvanceUntil(
            () =>
            {
                most = Math.Max(most, _cluster.View.TasksOfService(id).Count(task => !task.IsFinished() && task.DesiredState == TaskState.Complete));
                return _cluster.View.TasksOfService(id).Count(task => task.Status.State == TaskState.Complete) == 5;
            },
            TimeSpan.FromMinutes(2),
            "five completions");
        Assert.That(most, Is.EqualTo(2));
        _cluster.Advance(TimeSpan.FromMinutes(1));
        var complete = _cluster.View.TasksOfService(id).Where(task => task.Status.State == TaskState.Complete).ToList();
        Assert.That(complete.Select(task => task.Slot).Order(), Is.EqualTo(new ulong[] { 0, 1, 2, 3, 4 }));
        Assert.That(_cluster.View.TasksOfService(id).Count(task => task.Status.State == TaskState.Failed), Is.EqualTo(1));
    }

    private string Running(ulong replicas, UpdateConfig update)
    {
        var spec = Specs.Replicated("web", replicas);
        spec.Update = update;
        var id = _cluster.AddService(spec);
        _cluster.Advance(TimeSpan.FromSeconds(2));
        Assert.That(_cluster.Running(id).Count(), Is.EqualTo((int)replicas));
        return id;
    }

    private UpdateStatus? Status(string id) => _cluster.View.Services.Get(id)!.UpdateStatus;

    private void SetImage(string id, string image) => _cluster.UpdateService(id, spec => spec.Task.Container.Image = image);

    private void FailImage(string image, TaskState at = TaskState.Running) => _cluster.Nodes.ForEach(node => node.Fails = task =>
        task.Spec.Container.Image == image && task.Status.State == at);
}
