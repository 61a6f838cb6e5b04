using System.Text;
using System.Text.Json.Nodes;

namespace SwarmNet.Cli.Tests;

/// <summary>What is sent to the engine for a command: the same writes as recorded from Docker's CLI (Golden/requests).</summary>
[TestFixture]
internal sealed class RequestTests
{
    public static IEnumerable<string> Recordings() =>
        Directory.GetFiles(Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden", "requests")).Select(Path.GetFileNameWithoutExtension).Order()!;

    [TestCaseSource(nameof(Recordings))]
    public void Writes_are_those_of_Dockers_CLI(string name)
    {
        var (command, exitCode, exchanges) = Read(name);
        using var engine = new CannedEngine();
        foreach (var exchange in exchanges)
        {
            engine.On($"{exchange.Method} {WithoutVersion(exchange.Path)}", exchange.Answer, exchange.Status);
        }

        var result = new Cli { Input = "x\n"u8.ToArray() }.Run(engine, [.. Specs.ShellWords.Split(command).Skip(1)]);

        Assert.That(result.ExitCode, Is.EqualTo(exitCode), result.Error);
        var sent = engine.Requests.Where(request => request.Method is "POST" or "DELETE").ToList();
        var recorded = exchanges.Where(exchange => exchange.Method is "POST" or "DELETE").ToList();
        Assert.That(sent.Select(request => $"{request.Method} {request.RawPath}"), Is.EqualTo(recorded.Select(exchange => $"{exchange.Method} {exchange.Path}")));
        for (var i = 0; i < sent.Count; i++)
        {
            var (ours, theirs) = (Normal(sent[i].Body), Normal(recorded[i].Body));
            Assert.That(JsonNode.DeepEquals(ours, theirs), Is.True, $"sent {ours?.ToJsonString()}\nwant {theirs?.ToJsonString()}");
        }
    }

    /// <summary>Order of mounts after an update is that of a Go map in Docker's CLI; ours sorts them.</summary>
    private static JsonNode? Normal(string body)
    {
        var node = body.Length == 0 ? null : JsonNode.Parse(body);
        if (node is JsonObject && node["TaskTemplate"]?["ContainerSpec"]?["Mounts"] is JsonArray mounts)
        {
            node["TaskTemplate"]!["ContainerSpec"]!["Mounts"] =
                new JsonArray([.. mounts.OrderBy(mount => (string?)mount!["Target"], StringComparer.Ordinal).Select(mount => mount!.DeepClone())]);
        }

        return node;
    }

    private static string WithoutVersion(string path) => path.StartsWith("/v1.", StringComparison.Ordinal) ? path[path.IndexOf('/', 1)..] : path;

    private static (string Command, int ExitCode, List<Exchange> Exchanges) Read(string name)
    {
        var lines = File.ReadAllLines(Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden", "requests", name + ".http"));
        var exchanges = new List<Exchange>();
        Exchange? current = null;
        var inBody = false;
        foreach (var line in lines)
        {
            if (line.StartsWith("> ", StringComparison.Ordinal) && line.EndsWith(" HTTP/1.1", StringComparison.Ordinal))
            {
                var parts = line[2..].Split(' ');
                exchanges.Add(current = new Exchange { Method = parts[0], Path = parts[1] });
                inBody = false;
            }
            else if (current is not null && line.StartsWith("< HTTP/1.1 ", StringComparison.Ordinal))
            {
                current.Status = int.Parse(line.Split(' ')[2]);
                inBody = false;
            }
            else if (line is ">" or "<")
            {
                inBody = true;
            }
            else if (inBody && current is not null && line.Length > 2)
            {
                (line[0] == '>' ? current.Sent : current.Received).Append(line.AsSpan(2)).Append('\n');
            }
        }

        // # docker ...
        // # exit 0; host node1; ...
        return (lines[0][2..], int.Parse(lines[1].Split(' ', ';')[2]), exchanges);
    }

    private sealed class Exchange
    {
        public required string Method { get; init; }

        public required string Path { get; init; }

        public int Status { get; set; }

        public StringBuilder Sent { get; } = new();

        public StringBuilder Received { get; } = new();

        public string Body => Sent.ToString().Trim();

        public string Answer => Received.ToString().Trim();
    }
}
