using SwarmNet.Agent.Storage;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Tests.Storage;

public class TaskDatabaseTests
{
    private static TaskStatus Status(TaskState state, string message = "") => new() { State = state, Message = message };

    [Test]
    public async Task What_was_acknowledged_is_there_after_a_restart()
    {
        using var folder = new TemporaryFolder();
        await using (var database = TaskDatabase.Open(folder.Path))
        {
            await database.PutTaskAsync(new SwarmTask { Id = "a", Slot = 3 });
            await database.PutStatusAsync("a", Status(TaskState.Running));
            await database.PutTaskAsync(new SwarmTask { Id = "b" });
            await database.SetAssignedAsync("b", false);
            await database.PutTaskAsync(new SwarmTask { Id = "c" });
            await database.RemoveAsync("c");
        }

        await using var again = TaskDatabase.Open(folder.Path);
        Assert.That(again.Tasks.Keys, Is.EquivalentTo(new[] { "a", "b" }));
        Assert.That(again.Tasks["a"], Is.EqualTo(new StoredTask("a", new SwarmTask { Id = "a", Slot = 3 }, Status(TaskState.Running), true)));
        Assert.That(again.Tasks["b"].IsAssigned, Is.False);
        Assert.That(again.CutBytes, Is.Zero);
    }

    /// <summary>A crash leaves any prefix of what was written: every record that was complete is found, and nothing else.</summary>
    [Test]
    public async Task A_log_cut_at_any_byte_keeps_every_complete_record()
    {
        using var folder = new TemporaryFolder();
        var ends = new List<long> { 0 };
        await using (var database = TaskDatabase.Open(folder.Path))
        {
            for (var i = 1; i <= 8; i++)
            {
                await database.PutStatusAsync("task", Status((TaskState)i, new string('m', i)));
                ends.Add(new FileInfo(folder["tasks.log"]).Length);
            }
        }

        var log = await File.ReadAllBytesAsync(folder["tasks.log"]);
        Assert.That(ends[^1], Is.EqualTo(log.Length));
        for (var length = 0; length <= log.Length; length++)
        {
            using var torn = new TemporaryFolder();
            await File.WriteAllBytesAsync(torn["tasks.log"], log[..length]);
            var complete = ends.FindLastIndex(end => end <= length);
            await using (var database = TaskDatabase.Open(torn.Path))
            {
                Assert.That(database.Tasks.GetValueOrDefault("task")?.Status?.State ?? TaskState.New, Is.EqualTo((TaskState)complete), $"{length}");
                Assert.That(database.CutBytes, Is.EqualTo(length - ends[complete]));
                await database.PutStatusAsync("task", Status(TaskState.Failed));
            }

            await using var again = TaskDatabase.Open(torn.Path);
            Assert.That((again.Tasks["task"].Status!.State, again.CutBytes), Is.EqualTo((TaskState.Failed, 0L)), $"{length}");
        }
    }

    [Test]
    public async Task A_flipped_bit_in_the_last_record_is_noticed()
    {
        using var folder = new TemporaryFolder();
        await using (var database = TaskDatabase.Open(folder.Path))
        {
            await database.PutStatusAsync("task", Status(TaskState.Ready));
            await database.PutStatusAsync("task", Status(TaskState.Running));
        }

        var log = await File.ReadAllBytesAsync(folder["tasks.log"]);
        var half = log.Length / 2;
        for (var bit = half * 8; bit < log.Length * 8; bit++)
        {
            using var flipped = new TemporaryFolder();
            var bytes = log.ToArray();
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            await File.WriteAllBytesAsync(flipped["tasks.log"], bytes);
            await using var database = TaskDatabase.Open(flipped.Path);
            Assert.That(database.Tasks["task"].Status!.State, Is.EqualTo(TaskState.Ready), $"bit {bit}");
        }
    }

    [Test]
    public async Task The_log_is_rewritten_when_it_has_grown_and_says_the_same()
    {
        using var folder = new TemporaryFolder();
        await using (var database = TaskDatabase.Open(folder.Path))
        {
            await Task.WhenAll(Enumerable.Range(0, 3000).Select(i => database.PutStatusAsync($"task{i % 5}", Status(TaskState.Running, new string('x', 1000) + i))));
            await database.PutTaskAsync(new SwarmTask { Id = "task0" });
        }

        Assert.That(new FileInfo(folder["tasks.log"]).Length, Is.LessThan(2_200_000));
        await using var again = TaskDatabase.Open(folder.Path);
        Assert.That(again.Tasks.Keys, Has.Exactly(5).Items);
        Assert.That(again.Tasks["task4"].Status!.Message, Does.EndWith("x2999"));
        Assert.That(again.Tasks["task0"].IsAssigned, Is.True);
    }

    [Test]
    public async Task A_second_process_cannot_open_it()
    {
        using var folder = new TemporaryFolder();
        await using var database = TaskDatabase.Open(folder.Path);

        Assert.That(() => TaskDatabase.Open(folder.Path), Throws.InstanceOf<IOException>());
    }
}
