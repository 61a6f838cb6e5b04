using SwarmNet.EngineApi.Tests.Support;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Tests.Server;

/// <summary>Requests as recorded, answered over HTTP: the same status and the same bytes as a stock engine's.</summary>
[TestFixture]
internal sealed class GoldenExchangeTests
{
    // What this engine answers differently on purpose, with the reason.
    private static readonly Dictionary<string, string> Differences = new()
    {
        ["03-error-container-rm-unknown"] = "",
        ["03-error-network-delete-predefined"] = "",
        ["03-error-service-create-bad-constraint-key"] = "answers with a fresh id",
        ["03-error-service-create-relative-mount"] = "answers with a fresh id",
        ["03-error-service-create-no-name"] = "answers with a fresh id",
        ["03-error-service-create-bridge-network"] = "the node's bridge is not a swarm network here",
        ["03-error-version-too-new"] = "names its own newest version",
        ["03-error-version-too-old"] = "names its own oldest version",
        ["03-error-services-filter-bad"] = "",
    };

    private static IEnumerable<string> Reads => GoldenFile.Names("02-").Except(
    [
        // A network that is built on the node is compared in the mapping tests; this one has no task in the store.
        "02-network-net1", "02-network-net1-scope-swarm", "02-network-net1-verbose",
    ]);

    private static IEnumerable<string> Refusals => GoldenFile.Names("03-error-").Where(name => Differences.GetValueOrDefault(name, "").Length == 0);

    private static IEnumerable<string> OutsideSwarm => GoldenFile.Names("00-").Where(name => !name.Contains("bad-listen") && !name.Contains("bad-advertise")
        && !name.Contains("bad-token"));

    private static IEnumerable<string> OnWorker => GoldenFile.Names("01-");

    [TestCaseSource(nameof(Reads))]
    public async Task Read(string name)
    {
        await using var engine = await TestEngine.StartRecordedAsync();
        await CompareAsync(engine, GoldenFile.Load(name));
    }

    [TestCaseSource(nameof(Refusals))]
    public async Task Refusal(string name)
    {
        await using var engine = await TestEngine.StartRecordedAsync();
        await CompareAsync(engine, GoldenFile.Load(name));
    }

    [TestCaseSource(nameof(OutsideSwarm))]
    public async Task Outside_a_swarm(string name)
    {
        await using var engine = await TestEngine.StartAsync();
        await CompareAsync(engine, GoldenFile.Load(name));
    }

    [TestCaseSource(nameof(OnWorker))]
    public async Task On_a_worker(string name)
    {
        var manager = new Peer { NodeId = "oprn37e8kc1r7k2wozalfgvan", Addr = "10.200.0.1:2377" };
        await using var engine = await TestEngine.StartAsync(new SwarmNodeStatus(LocalNodeState.Active, "3srkxybv2qq0529cdrvfp02wi", "10.200.0.2", "", [manager]));
        await CompareAsync(engine, GoldenFile.Load(name));
    }

    [Test]
    public async Task Unlock_key_of_a_locked_swarm_is_shown()
    {
        var golden = GoldenFile.Load("07-unlockkey");
        var cluster = GoldenObjects.Cluster(GoldenFile.Load("07-swarm-autolock").Body);
        var key = golden.Body.GetProperty("UnlockKey").GetString()!["SWMKEY-1-".Length..];
        cluster.UnlockKeys.Add(new EncryptionKey { Subsystem = SwarmRoles.Manager, Key = Google.Protobuf.ByteString.FromBase64(key + "=") });
        var snapshot = new StoreSnapshot { VersionIndex = 60 };
        snapshot.Clusters.Add(cluster);
        await using var engine = await TestEngine.StartManagerAsync(snapshot);
        await CompareAsync(engine, golden);
    }

    [TestCase("07-info-locked")]
    [TestCase("07-nodes-locked")]
    [TestCase("07-unlock-bad-key")]
    [TestCase("07-unlock-wrong-key")]
    public async Task While_locked(string name)
    {
        await using var engine = await TestEngine.StartAsync(new SwarmNodeStatus(LocalNodeState.Locked, "", "10.200.0.1", Swarm.SwarmTexts.Locked, []));
        var golden = GoldenFile.Load(name);
        if (name != "07-info-locked")
        {
            await CompareAsync(engine, golden);
            return;
        }

        // Of the rest of it every engine has its own.
        var (_, body, _) = await engine.SendAsync("GET", "/v1.41/info");
        using var answer = System.Text.Json.JsonDocument.Parse(body);
        Assert.That(System.Text.Json.JsonElement.DeepEquals(answer.RootElement.GetProperty("Swarm"), golden.Body.GetProperty("Swarm")), body);
    }

    private static async Task CompareAsync(TestEngine engine, GoldenFile golden)
    {
        var (status, body, _) = await engine.SendAsync(golden.Method, golden.Path, golden.RequestBody ?? (golden.Method == "POST" ? "" : null));
        Assert.That(body, Is.EqualTo(golden.CompactBody + "\n"));
        Assert.That(status, Is.EqualTo(golden.Status));
    }
}
