using System.Text;
using SwarmNet.EngineApi.Runtime;
using SwarmNet.EngineApi.Tests.Support;

namespace SwarmNet.EngineApi.Tests.Server;

[TestFixture]
internal sealed class LogTests
{
    private static readonly ContainerInfo Container = new()
    {
        Id = new string('c', 64),
        Name = "web.1.x",
        Image = "busybox",
        State = ContainerState.Running,
    };

    [Test]
    public async Task Service_logs_are_framed_with_time_and_origin_as_recorded()
    {
        var logs = new FakeLogs();
        await using var engine = await TestEngine.StartRecordedAsync(options => options with { Logs = () => logs });
        var response = await engine.Http.GetAsync("http://docker/v1.47/services/web/logs?stdout=1&stderr=1&details=1&timestamps=1&tail=1");
        var body = await response.Content.ReadAsByteArrayAsync();
        var first = "2026-11-21T00:48:26.630671101Z com.docker.swarm.node.id=uhw5dwa50qvzwanbsun4dr78a,"
            + "com.docker.swarm.service.id=h8lehkaftwj702a3giyslv4ha,com.docker.swarm.task.id=kfbknanetuch635su1hsh9n58 err 3\n";
        Assert.That(body[..8], Is.EqualTo(new byte[] { 2, 0, 0, 0, 0, 0, 0, 0xc1 }));
        Assert.That(Encoding.ASCII.GetString(body, 8, 0xc1), Is.EqualTo(first));
        Assert.That(body[8 + 0xc1], Is.EqualTo(1));
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/vnd.docker.multiplexed-stream"));
        Assert.That(logs.Options!.Tail, Is.EqualTo(-2), "one line before the end, in the broker's count");
        Assert.That(logs.Selector!.ServiceIds, Is.EqualTo(new[] { "o2vuq09avk7hizlopjia1krm9" }));
    }

    [Test]
    public async Task Old_clients_get_no_media_type()
    {
        await using var engine = await TestEngine.StartRecordedAsync(options => options with { Logs = () => new FakeLogs() });
        var response = await engine.Http.GetAsync("http://docker/v1.41/tasks/kv38s0dlx7e808o67d504pc6w/logs?stdout=1");
        Assert.That(response.Content.Headers.ContentType, Is.Null);
        Assert.That((await response.Content.ReadAsByteArrayAsync())[8..14], Is.EqualTo("err 3\n"u8.ToArray()));
    }

    [Test]
    public async Task Logs_without_a_broker_answer_503()
    {
        await using var engine = await TestEngine.StartRecordedAsync();
        Assert.That((await engine.SendAsync("GET", "/v1.47/services/web/logs?stdout=1")).Status, Is.EqualTo(503));
    }

    [TestCase("tail=x", 400)]
    [TestCase("tail=-1", 400)]
    [TestCase("since=x", 400)]
    [TestCase("tail=all&since=0", 200)]
    public async Task Parameters_are_checked(string query, int status)
    {
        await using var engine = await TestEngine.StartRecordedAsync(options => options with { Logs = () => new FakeLogs() });
        Assert.That((await engine.SendAsync("GET", "/v1.47/services/web/logs?stdout=1&" + query)).Status, Is.EqualTo(status));
    }

    [TestCase(false, "\u0001\0\0\0\0\0\0\u0006out 1\n\u0002\0\0\0\0\0\0\u0006err 1\n")]
    [TestCase(true, "out 1\nerr 1\n")]
    public async Task Container_logs_are_raw_only_with_a_terminal(bool terminal, string expected)
    {
        var containers = new FakeContainers(Container with { HasTerminal = terminal });
        await using var engine = await TestEngine.StartAsync(null, options => options with { Containers = containers });
        Assert.That((await engine.SendAsync("GET", "/v1.47/containers/cccc/logs?stdout=1&stderr=1")).Body, Is.EqualTo(expected));
    }

    [Test]
    public async Task A_failure_after_the_start_comes_as_a_frame_of_the_engine()
    {
        await using var engine = await TestEngine.StartAsync(null, options => options with { Containers = new FakeContainers(Container) });
        var body = (await engine.SendAsync("GET", "/v1.47/containers/web.1.x/logs?stdout=1&tail=7")).Body;
        Assert.That(body, Does.EndWith("Error grabbing logs: the log is gone\n"));
        Assert.That(body[28], Is.EqualTo('\u0003'));
    }
}
