using System.Collections.Concurrent;
using SwarmNet.Agent.Session;
using SwarmNet.Agent.Storage;
using SwarmNet.Agent.Tasks;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Tests.Tasks;

public class WorkerTests
{
    [Test]
    public async Task A_status_is_stored_before_it_is_reported()
    {
        using var folder = new TemporaryFolder();
        await using var database = TaskDatabase.Open(folder.Path);
        var executor = new ScriptedExecutor();
        await using var worker = new Worker(executor, database);
        var reporter = new CheckingReporter(database);
        worker.Reporter = reporter;
        await worker.StartAsync(CancellationToken.None);

        await worker.ApplyAsync(Message(AssignmentsMessage.Types.Type.Complete, Assigned("a")), CancellationToken.None);
        executor.Controllers["a"].Exit.SetResult(0);
        await reporter.ReachesAsync("a", TaskState.Complete);

        Assert.That(reporter.Seen, Is.EqualTo(new[] { "Accepted", "Preparing", "Ready", "Starting", "Running", "Complete" }));
        Assert.That(reporter.NotStored, Is.Empty);
    }

    [Test]
    public async Task A_temporary_failure_is_tried_again_and_a_final_one_is_not()
    {
        using var folder = new TemporaryFolder();
        await using var database = TaskDatabase.Open(folder.Path);
        var executor = new ScriptedExecutor { TemporaryFailures = 1 };
        await using var worker = new Worker(executor, database);
        var reporter = new CheckingReporter(database);
        worker.Reporter = reporter;
        await worker.StartAsync(CancellationToken.None);

        await worker.ApplyAsync(Message(AssignmentsMessage.Types.Type.Complete, Assigned("a"), Assigned("fatal")), CancellationToken.None);

        Assert.That((await reporter.ReachesAsync("fatal", TaskState.Rejected)).Err, Is.EqualTo("fatal by its name"));
        await reporter.ReachesAsync("a", TaskState.Running);
        Assert.That(executor.Controllers["a"].Prepares, Is.EqualTo(2));
        Assert.That(executor.Controllers["fatal"].Prepares, Is.EqualTo(1));
    }

    [Test]
    public async Task A_task_waits_at_ready_and_goes_on_when_told()
    {
        using var folder = new TemporaryFolder();
        await using var database = TaskDatabase.Open(folder.Path);
        var executor = new ScriptedExecutor();
        await using var worker = new Worker(executor, database);
        var reporter = new CheckingReporter(database);
        worker.Reporter = reporter;
        await worker.StartAsync(CancellationToken.None);
        var task = Assigned("a");
        task.DesiredState = TaskState.Ready;

        await worker.ApplyAsync(Message(AssignmentsMessage.Types.Type.Complete, task), CancellationToken.None);
        await reporter.ReachesAsync("a", TaskState.Ready);
        Assert.That(executor.Controllers["a"].Starts, Is.Zero);
        await worker.ApplyAsync(Message(AssignmentsMessage.Types.Type.Incremental, Assigned("a")), CancellationToken.None);
        await reporter.ReachesAsync("a", TaskState.Running);
        task = Assigned("a");
        task.DesiredState = TaskState.Shutdown;
        await worker.ApplyAsync(Message(AssignmentsMessage.Types.Type.Incremental, task), CancellationToken.None);

        await reporter.ReachesAsync("a", TaskState.Shutdown);
        Assert.That(executor.Controllers["a"].Shutdowns, Is.EqualTo(1));
    }

    [Test]
    public async Task A_complete_message_removes_what_it_does_not_name()
    {
        using var folder = new TemporaryFolder();
        await using var database = TaskDatabase.Open(folder.Path);
        var executor = new ScriptedExecutor();
        await using var worker = new Worker(executor, database);
        await worker.StartAsync(CancellationToken.None);

        await worker.ApplyAsync(Message(AssignmentsMessage.Types.Type.Complete, Assigned("a"), Assigned("b")), CancellationToken.None);
        await worker.ApplyAsync(Message(AssignmentsMessage.Types.Type.Incremental, Assigned("c")), CancellationToken.None);
        await worker.ApplyAsync(Message(AssignmentsMessage.Types.Type.Complete, Assigned("b")), CancellationToken.None);
        await worker.RemoveAllAsync(CancellationToken.None);

        Assert.That(executor.Controllers.Values.Select(c => c.Removes), Is.All.EqualTo(1));
        Assert.That(database.Tasks, Is.Empty);
    }

    [Test]
    public async Task A_restart_goes_on_where_each_task_stood()
    {
        using var folder = new TemporaryFolder();
        await using (var database = TaskDatabase.Open(folder.Path))
        {
            await database.PutTaskAsync(Assigned("runs"));
            await database.PutStatusAsync("runs", new TaskStatus { State = TaskState.Running, Message = "started" });
            await database.PutTaskAsync(Assigned("done"));
            await database.PutStatusAsync("done", new TaskStatus { State = TaskState.Failed, Err = "task: non-zero exit (7)" });
            await database.PutTaskAsync(Assigned("dropped"));
            await database.SetAssignedAsync("dropped", false);
        }

        await using var again = TaskDatabase.Open(folder.Path);
        var executor = new ScriptedExecutor();
        await using var worker = new Worker(executor, again);
        var reporter = new CheckingReporter(again);
        worker.Reporter = reporter;
        await worker.StartAsync(CancellationToken.None);
        executor.Controllers["runs"].Exit.SetResult(9);

        Assert.That((await reporter.ReachesAsync("runs", TaskState.Failed)).Err, Is.EqualTo("task: non-zero exit (9)"));
        Assert.That(executor.Known, Is.EquivalentTo(new[] { "runs", "done" }));
        Assert.That(executor.Controllers["runs"].Starts, Is.Zero);
        Assert.That(worker.TaskStatuses.Single(s => s.Key == "done").Value.Err, Is.EqualTo("task: non-zero exit (7)"));
    }

    private static SwarmTask Assigned(string id) => new()
    {
        Id = id,
        DesiredState = TaskState.Running,
        Status = new TaskStatus { State = TaskState.Assigned },
    };

    private static AssignmentsMessage Message(AssignmentsMessage.Types.Type type, params SwarmTask[] tasks)
    {
        var message = new AssignmentsMessage { Type = type };
        message.Changes.Add(tasks.Select(t => new AssignmentChange { Assignment = new Assignment { Task = t } }));
        return message;
    }

    private sealed class CheckingReporter(TaskDatabase database) : IStatusReporter
    {
        private readonly ConcurrentDictionary<string, TaskStatus> _last = new();

        public ConcurrentQueue<string> Seen { get; } = new();

        public ConcurrentQueue<string> NotStored { get; } = new();

        public void Report(string taskId, TaskStatus status)
        {
            if (!status.Equals(database.Tasks[taskId].Status))
            {
                NotStored.Enqueue($"{taskId} {status.State}");
            }

            Seen.Enqueue(status.State.ToString());
            _last[taskId] = status;
        }

        public async Task<TaskStatus> ReachesAsync(string taskId, TaskState state)
        {
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
            while (!_last.TryGetValue(taskId, out var status) || status.State < state)
            {
                await Task.Delay(5, deadline.Token);
            }

            Assert.That(_last[taskId].State, Is.EqualTo(state));
            return _last[taskId];
        }
    }

    private sealed class ScriptedExecutor : IExecutor
    {
        public ConcurrentDictionary<string, ScriptedController> Controllers { get; } = new();

        public int TemporaryFailures { get; init; }

        public IReadOnlySet<string> Known { get; private set; } = new HashSet<string>();

        public NodeDescription Describe() => new() { Hostname = "scripted" };

        public ITaskController CreateController(SwarmTask task, IDependencies dependencies) =>
            Controllers[task.Id] = new ScriptedController(task.Id, TemporaryFailures);

        public Task RemoveLeftoversAsync(IReadOnlySet<string> taskIds, CancellationToken cancellationToken)
        {
            Known = taskIds;
            return Task.CompletedTask;
        }
    }

    private sealed class ScriptedController(string id, int temporaryFailures) : ITaskController
    {
        public TaskCompletionSource<int> Exit { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int Prepares { get; private set; }

        public int Starts { get; private set; }

        public int Shutdowns { get; private set; }

        public int Removes { get; private set; }

        public ContainerStatus? ContainerStatus => null;

        public PortStatus? PortStatus => null;

        public Task UpdateAsync(SwarmTask task, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task PrepareAsync(CancellationToken cancellationToken)
        {
            Prepares++;
            return id == "fatal" ? Task.FromException(new TaskException("fatal by its name"))
                : Prepares <= temporaryFailures ? Task.FromException(new TaskException("again", isTemporary: true)) : Task.CompletedTask;
        }

        public Task StartAsync(CancellationToken cancellationToken)
        {
            Starts++;
            return Task.CompletedTask;
        }

        public Task<int> WaitAsync(CancellationToken cancellationToken) => Exit.Task.WaitAsync(cancellationToken);

        public Task ShutdownAsync(CancellationToken cancellationToken)
        {
            Shutdowns++;
            return Task.CompletedTask;
        }

        public Task RemoveAsync(CancellationToken cancellationToken)
        {
            Removes++;
            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
