using SwarmNet.Protocol;

namespace SwarmNet.Agent.Session;

[CancelAfter(10_000)]
public sealed class StatusQueueTests
{
    [Test]
    public async Task The_newest_status_of_each_task_in_order_of_arrival(CancellationToken cancellationToken)
    {
        var queue = new StatusQueue();
        queue.Add("t1", At(TaskState.Accepted));
        queue.Add("t2", At(TaskState.Accepted));
        queue.Add("t1", At(TaskState.Running));
        queue.AddOlder("t2", At(TaskState.Assigned));
        queue.AddOlder("t3", At(TaskState.Failed));
        var batch = await queue.TakeAsync(cancellationToken);
        Assert.That(
            batch.Select(entry => (entry.Key, entry.Value.State)),
            Is.EqualTo(new[] { ("t1", TaskState.Running), ("t2", TaskState.Accepted), ("t3", TaskState.Failed) }));
        var next = queue.TakeAsync(cancellationToken);
        Assert.That(next.IsCompleted, Is.False);
        queue.Add("t4", At(TaskState.Running));
        Assert.That((await next).Single().Key, Is.EqualTo("t4"));
    }

    [Test]
    public async Task Batches_are_bounded_by_count_and_size(CancellationToken cancellationToken)
    {
        var queue = new StatusQueue();
        for (var i = 0; i < 150; i++)
        {
            queue.Add($"small{i}", At(TaskState.Running));
        }

        Assert.That(await queue.TakeAsync(cancellationToken), Has.Count.EqualTo(100));
        Assert.That(await queue.TakeAsync(cancellationToken), Has.Count.EqualTo(50));
        for (var i = 0; i < 5; i++)
        {
            queue.Add($"large{i}", new TaskStatus { State = TaskState.Failed, Err = new string('x', 600_000) });
        }

        Assert.That(await queue.TakeAsync(cancellationToken), Has.Count.EqualTo(2), "a stock manager takes 4 MiB");
    }

    private static TaskStatus At(TaskState state) => new() { State = state };
}
