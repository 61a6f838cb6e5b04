using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using SwarmNet.EngineApi.Runtime;
using SwarmNet.EngineApi.Tests.Support;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Tests.Server;

[TestFixture]
internal sealed class ContainerTests
{
    private static readonly ContainerInfo Running = new()
    {
        Id = new string('a', 64),
        Name = "web.1.x",
        Image = "busybox:1.36",
        ImageId = "sha256:" + new string('1', 64),
        Command = ["sh", "-c", "sleep 5"],
        State = ContainerState.Running,
        Pid = 77,
        Created = DateTimeOffset.UtcNow,
        StartedAt = DateTimeOffset.UtcNow,
        Labels = new Dictionary<string, string> { ["com.docker.swarm.task.id"] = "x", ["tier"] = "1" },
        Ports = [new PortConfig { TargetPort = 80, PublishedPort = 8080, Protocol = PortProtocol.Udp }],
        Mounts = [new Mount { Type = Mount.Types.MountType.Volume, Source = "data", Target = "/data" }],
    };

    private static readonly ContainerInfo Ended = Running with
    {
        Id = new string('b', 64),
        Name = "web.2.y",
        State = ContainerState.Exited,
        ExitCode = 3,
        Pid = 0,
        FinishedAt = DateTimeOffset.UtcNow,
        Labels = new Dictionary<string, string>(),
        Mounts = [],
    };

    [TestCase("", "web.1.x")]
    [TestCase("all=1", "web.1.x,web.2.y")]
    [TestCase("filters={\"status\":[\"exited\"]}", "web.2.y")]
    [TestCase("all=1&filters={\"label\":[\"tier=1\"]}", "web.1.x")]
    [TestCase("all=1&filters={\"name\":[\"web.2\"]}", "web.2.y")]
    [TestCase("all=1&filters={\"id\":[\"bb\"]}", "web.2.y")]
    [TestCase("all=1&filters={\"is-task\":[\"false\"]}", "web.2.y")]
    [TestCase("limit=1", "web.1.x")]
    public async Task The_list_is_filtered(string query, string names)
    {
        await using var engine = await StartAsync(new FakeContainers(Running, Ended));
        var (_, body, _) = await engine.SendAsync("GET", "/v1.47/containers/json?" + query);
        var found = JsonDocument.Parse(body).RootElement.EnumerateArray().Select(item => item.GetProperty("Names")[0].GetString()![1..]);
        Assert.That(string.Join(',', found), Is.EqualTo(names));
    }

    [Test]
    public async Task A_container_is_shown()
    {
        await using var engine = await StartAsync(new FakeContainers(Running, Ended));
        var shown = JsonDocument.Parse((await engine.SendAsync("GET", "/v1.47/containers/aaaa/json")).Body).RootElement;
        Assert.That(shown.GetProperty("State").GetProperty("Pid").GetInt32(), Is.EqualTo(77));
        Assert.That(shown.GetProperty("Config").GetProperty("Cmd")[2].GetString(), Is.EqualTo("sleep 5"));
        Assert.That(
            shown.GetProperty("NetworkSettings").GetProperty("Ports").GetProperty("80/udp")[0].GetProperty("HostPort").GetString(), Is.EqualTo("8080"));
        var volumes = JsonDocument.Parse((await engine.SendAsync("GET", "/v1.47/volumes")).Body).RootElement.GetProperty("Volumes");
        Assert.That(volumes.EnumerateArray().Single().GetProperty("Name").GetString(), Is.EqualTo("data"));
        Assert.That((await engine.SendAsync("DELETE", "/v1.47/volumes/data")).Status, Is.EqualTo(409));
        Assert.That((await engine.SendAsync("GET", "/v1.47/volumes/nope")).Status, Is.EqualTo(404));
    }

    [Test]
    public async Task Stop_kill_and_remove_reach_the_runtime()
    {
        var containers = new FakeContainers(Running, Ended);
        await using var engine = await StartAsync(containers);
        Assert.That((await engine.SendAsync("POST", "/v1.47/containers/aaaa/stop?t=3")).Status, Is.EqualTo(204));
        Assert.That((await engine.SendAsync("POST", "/v1.47/containers/bbbb/stop")).Status, Is.EqualTo(304));
        Assert.That((await engine.SendAsync("POST", "/v1.47/containers/aaaa/kill?signal=SIGHUP")).Status, Is.EqualTo(204));
        Assert.That((await engine.SendAsync("POST", "/v1.47/containers/bbbb/kill")).Status, Is.EqualTo(409));
        Assert.That((await engine.SendAsync("DELETE", "/v1.47/containers/aaaa")).Status, Is.EqualTo(409));
        Assert.That((await engine.SendAsync("DELETE", "/v1.47/containers/aaaa?force=1")).Status, Is.EqualTo(204));
        Assert.That(containers.Calls, Is.EqualTo(new[] { "stop aaaa 3", "kill aaaa 1", "remove aaaa True" }));
    }

    [TestCase("POST", "/v1.47/containers/create", 501)]
    [TestCase("GET", "/v1.47/distribution/busybox:1.36/json", 500)]
    public async Task What_this_engine_does_not_do_is_said(string method, string path, int status)
    {
        await using var engine = await StartAsync(new FakeContainers());
        Assert.That((await engine.SendAsync(method, path)).Status, Is.EqualTo(status));
    }

    // The two streams come in either order.
    [TestCase(false, "\u0001\0\0\0\0\0\0\u0006HELLO\n", "\u0002\0\0\0\0\0\0\u0004bye\n")]
    [TestCase(true, "HELLO\n", "")]
    public async Task Exec_carries_both_streams_on_the_hijacked_connection(bool terminal, string output, string error)
    {
        var containers = new FakeContainers(Running);
        await using var engine = await StartAsync(containers);
        var flag = terminal ? "true" : "false";
        var created = await engine.SendAsync(
            "POST", "/v1.47/containers/web.1.x/exec", $"{{\"AttachStdin\":true,\"AttachStdout\":true,\"AttachStderr\":true,\"Tty\":{flag},\"Cmd\":[\"cat\",\"-\"]}}");
        Assert.That(created.Status, Is.EqualTo(201), created.Body);
        var id = JsonDocument.Parse(created.Body).RootElement.GetProperty("Id").GetString();

        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 20000 };
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(engine.Socket));
        var start = $"{{\"Detach\":false,\"Tty\":{flag}}}";
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"POST /v1.47/exec/{id}/start HTTP/1.1\r\nHost: d\r\nContent-Type: application/json\r\nContent-Length: {start.Length}\r\n"
            + $"Connection: Upgrade\r\nUpgrade: tcp\r\n\r\n{start}"));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await using var stream = new NetworkStream(socket);
        Assert.That(await ReadHeadAsync(stream, deadline.Token), Does.StartWith("HTTP/1.1 101 UPGRADED\r\n"));
        await stream.WriteAsync("hello\n"u8.ToArray(), deadline.Token);
        socket.Shutdown(SocketShutdown.Send);
        using var rest = new MemoryStream();
        await stream.CopyToAsync(rest, deadline.Token);
        Assert.That(Encoding.ASCII.GetString(rest.ToArray()), Is.EqualTo(output + error).Or.EqualTo(error + output));
        Assert.That(containers.Calls, Is.EqualTo(new[] { "exec aaaa cat -" }));

        JsonElement state;
        do
        {
            state = JsonDocument.Parse((await engine.SendAsync("GET", $"/v1.47/exec/{id}/json")).Body).RootElement;
        }
        while (state.GetProperty("Running").GetBoolean() && !deadline.IsCancellationRequested);
        Assert.That(state.GetProperty("ExitCode").GetInt32(), Is.EqualTo(3));
        Assert.That((await engine.SendAsync("POST", $"/v1.47/exec/{id}/start", "{}")).Status, Is.EqualTo(409));
    }

    [Test]
    public async Task Exec_needs_a_running_container_and_a_command()
    {
        await using var engine = await StartAsync(new FakeContainers(Running, Ended));
        Assert.That((await engine.SendAsync("POST", "/v1.47/containers/bbbb/exec", "{\"Cmd\":[\"ls\"]}")).Status, Is.EqualTo(409));
        Assert.That((await engine.SendAsync("POST", "/v1.47/containers/aaaa/exec", "{}")).Status, Is.EqualTo(400));
        Assert.That((await engine.SendAsync("POST", "/v1.47/exec/nope/start", "{}")).Status, Is.EqualTo(404));
    }

    private static Task<TestEngine> StartAsync(FakeContainers containers) =>
        TestEngine.StartAsync(null, options => options with { Containers = containers });

    private static async Task<string> ReadHeadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var head = new StringBuilder();
        var one = new byte[1];
        while (!head.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            await stream.ReadExactlyAsync(one, cancellationToken);
            head.Append((char)one[0]);
        }

        return head.ToString();
    }
}
