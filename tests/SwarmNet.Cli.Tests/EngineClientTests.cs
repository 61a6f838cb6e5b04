using System.Text;
using SwarmNet.EngineApi.Client;

namespace SwarmNet.Cli.Tests;

[TestFixture]
internal sealed class EngineClientTests
{
    [TestCase("unix:///run/x.sock", "unix", "/run/x.sock", 0)]
    [TestCase("/run/x.sock", "unix", "/run/x.sock", 0)]
    [TestCase("unix://", "unix", "/run/swarmnet/swarm.sock", 0)]
    [TestCase("tcp://10.0.0.1:2376", "tcp", "10.0.0.1", 2376)]
    [TestCase("tcp://host", "tcp", "host", 2375)]
    [TestCase("tcp://[::1]:99/", "tcp", "::1", 99)]
    public void Hosts_are_read(string text, string scheme, string address, int port)
    {
        Assert.That(EngineHost.TryParse(text, out var host, out _), Is.True);
        Assert.That(host, Is.EqualTo(new EngineHost(scheme, address, port)));
    }

    [TestCase("frob")]
    [TestCase("ssh://host")]
    [TestCase("tcp://host:0")]
    [TestCase("tcp://host:99999")]
    public void Other_hosts_are_refused_with_a_sentence(string text)
    {
        Assert.That(EngineHost.TryParse(text, out _, out var error), Is.False);
        Assert.That(error, Is.Not.Empty);
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(7)]
    [TestCase(100_000)]
    public void Bodies_arrive_whole_and_the_connection_is_used_again(int chunkBytes)
    {
        var text = string.Concat(Enumerable.Range(0, 5000).Select(i => $"{i},"));
        using var engine = new CannedEngine { ChunkBytes = chunkBytes }.On("GET /a", $"\"{text}\"").On("GET /b", "1");
        using var client = Client(engine);

        Assert.That(client.Get("/a").GetString(), Is.EqualTo(text));
        Assert.That(client.Get("/b").GetInt32(), Is.EqualTo(1));
        Assert.That(client.Get("/a").GetString(), Is.EqualTo(text));
    }

    [TestCase("1.41", "1.41")]
    [TestCase("1.99", EngineClient.NewestApiVersion)]
    public void The_older_of_both_API_versions_is_spoken(string engines, string spoken)
    {
        using var engine = new CannedEngine(engines).On("GET /x", "{}");
        using var client = Client(engine);
        client.Get("/x");

        Assert.That(engine.Requests.Select(request => $"{request.Method} {request.RawPath}"), Is.EqualTo(new[] { "HEAD /_ping", $"GET /v{spoken}/x" }));
    }

    [Test]
    public void A_refusal_carries_the_engines_message_and_leaves_the_connection_usable()
    {
        using var engine = new CannedEngine().On("GET /x", """{"message":"no such thing"}""", 404).On("GET /y", "2");
        using var client = Client(engine);

        Assert.That(() => client.Get("/x"), Throws.TypeOf<EngineException>().With.Message.EqualTo("no such thing").And.Property("Status").EqualTo(404));
        Assert.That(client.Get("/y").GetInt32(), Is.EqualTo(2));
    }

    [Test]
    public void A_stream_is_sent_in_chunks()
    {
        using var engine = new CannedEngine().On("POST /images/load", "{}");
        using var client = Client(engine);
        var sent = new string('x', 100_000);
        using (var response = client.SendStream("/images/load", new MemoryStream(Encoding.ASCII.GetBytes(sent)), "application/x-tar"))
        {
            Assert.That(response.ReadText(), Is.EqualTo("{}"));
        }

        Assert.That(engine.Requests[^1].Body, Is.EqualTo(sent));
        Assert.That(engine.Requests[^1].Headers["Content-Type"], Is.EqualTo("application/x-tar"));
    }

    [Test]
    public void What_is_no_HTTP_server_is_named_as_such()
    {
        var folder = Directory.CreateTempSubdirectory("swarm-cli-");
        try
        {
            var path = Path.Combine(folder.FullName, "x.sock");
            using var listener = new System.Net.Sockets.Socket(
                System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
            listener.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(path));
            listener.Listen();
            var server = new Thread(() =>
            {
                using var connection = listener.Accept();
                connection.Receive(new byte[100]);
                connection.Send("SSH-2.0-OpenSSH\r\n\r\n"u8);
            });
            server.Start();
            using var client = new EngineClient(new EngineHost("unix", path, 0), "1.41");

            Assert.That(() => client.Get("/x"), Throws.TypeOf<EngineUnreachableException>().With.Message.Contains("not an HTTP/1.1 server"));
            server.Join();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static EngineClient Client(CannedEngine engine) => new(new EngineHost("unix", engine.Path, 0));
}
