using System.Text;
using SwarmNet.Agent.Executor;

namespace SwarmNet.Agent.Tests.Executor;

public class ContainerLogTests
{
    private static readonly ContainerLogLimits Limits = new(true, 4096, 3);

    private static Container Make(TemporaryFolder folder) => Container.Create(
        folder["c"], new ContainerFile { Id = "id", TaskId = "t", ImageId = "i", Created = DateTimeOffset.UnixEpoch }, new SwarmTask { Id = "t" });

    private static async Task<string> ReadAsync(ContainerLog log, ContainerLogQuery? query = null)
    {
        var text = "";
        await foreach (var entry in log.ReadAsync(query ?? new ContainerLogQuery(), CancellationToken.None))
        {
            text += Encoding.UTF8.GetString(entry.Line.Span);
        }

        return text;
    }

    [Test]
    public async Task Lines_come_whole_in_order_and_by_stream()
    {
        using var folder = new TemporaryFolder();
        var container = Make(folder);
        using var log = new ContainerLog(container, Limits, TimeProvider.System);
        File.AppendAllText(Path.Combine(container.IoFolder, "stdout"), "one\ntwo\nhal");
        File.AppendAllText(Path.Combine(container.IoFolder, "stderr"), "err\n");

        Assert.That(await ReadAsync(log), Is.EqualTo("one\ntwo\nerr\n"));
        File.AppendAllText(Path.Combine(container.IoFolder, "stdout"), "f\nend");
        log.Drain(isLast: true);

        Assert.That(await ReadAsync(log, new ContainerLogQuery { Error = false }), Is.EqualTo("one\ntwo\nhalf\nend"));
        Assert.That(await ReadAsync(log, new ContainerLogQuery { Tail = 2 }), Is.EqualTo("half\nend"));
        Assert.That(await ReadAsync(log, new ContainerLogQuery { Tail = 0 }), Is.Empty);
        Assert.That(await ReadAsync(log, new ContainerLogQuery { Since = DateTimeOffset.MaxValue }), Is.Empty);
        Assert.That(File.ReadAllLines(folder["c/log/00000001.json"])[0], Does.Match("""^\{"log":"one\\n","stream":"stdout","time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z"\}$"""));
    }

    [Test]
    public async Task Old_files_go_and_the_newest_lines_stay()
    {
        using var folder = new TemporaryFolder();
        var container = Make(folder);
        using var log = new ContainerLog(container, Limits, TimeProvider.System);
        for (var i = 0; i < 500; i++)
        {
            File.AppendAllText(Path.Combine(container.IoFolder, "stdout"), $"line {i}\n");
            log.Drain(isLast: false);
        }

        Assert.That(Directory.GetFiles(container.LogFolder, "*.json"), Has.Length.EqualTo(3));
        Assert.That(Directory.GetFiles(container.LogFolder, "*.json").Max(f => new FileInfo(f).Length), Is.LessThan(4096 + 100));
        Assert.That(await ReadAsync(log), Does.EndWith("line 498\nline 499\n").And.Not.Contain("line 10\n"));
    }

    /// <summary>A daemon that dies between writing lines and noting how far it came writes them again, once.</summary>
    [Test]
    public async Task A_crash_at_any_point_neither_loses_nor_repeats_a_line()
    {
        using var folder = new TemporaryFolder();
        var container = Make(folder);
        var raw = Path.Combine(container.IoFolder, "stdout");
        var positions = new List<byte[]>();
        using (var log = new ContainerLog(container, Limits with { FileBytes = 1 << 20 }, TimeProvider.System))
        {
            for (var i = 0; i < 5; i++)
            {
                File.AppendAllText(raw, $"line {i}\n");
                log.Drain(isLast: false);
                positions.Add(File.ReadAllBytes(Path.Combine(container.LogFolder, "position")));
            }
        }

        foreach (var position in positions)
        {
            File.WriteAllBytes(Path.Combine(container.LogFolder, "position"), position);
            using var log = new ContainerLog(container, Limits with { FileBytes = 1 << 20 }, TimeProvider.System);
            Assert.That(await ReadAsync(log), Is.EqualTo("line 0\nline 1\nline 2\nline 3\nline 4\n"));
        }
    }

    [Test]
    public async Task Following_ends_with_the_container()
    {
        using var folder = new TemporaryFolder();
        var container = Make(folder);
        using var log = new ContainerLog(container, Limits, TimeProvider.System);
        File.AppendAllText(Path.Combine(container.IoFolder, "stdout"), "before\n");
        var reading = ReadAsync(log, new ContainerLogQuery { Follow = true });
        for (var i = 0; i < 300; i++)
        {
            File.AppendAllText(Path.Combine(container.IoFolder, "stdout"), $"after {i}\n");
            log.Notify();
        }

        File.AppendAllText(Path.Combine(container.IoFolder, "stdout"), "last");
        log.Drain(isLast: true);

        Assert.That(await reading.WaitAsync(TimeSpan.FromSeconds(20)), Does.EndWith("after 299\nlast"));
    }

    [Test]
    public void A_log_without_line_feeds_is_cut_at_16_KiB()
    {
        using var folder = new TemporaryFolder();
        var container = Make(folder);
        using var log = new ContainerLog(container, Limits with { FileBytes = 1 << 20 }, TimeProvider.System);
        File.WriteAllText(Path.Combine(container.IoFolder, "stdout"), new string('x', 40_000));
        log.Drain(isLast: true);

        Assert.That(File.ReadAllLines(folder["c/log/00000001.json"]), Has.Length.EqualTo(3));
    }
}
