using System.Text.Json;
using SwarmNet.EngineApi.Mapping;
using SwarmNet.EngineApi.Tests.Support;

namespace SwarmNet.EngineApi.Tests.Mapping;

/// <summary>What a stock engine showed, taken into the store's objects and shown again: the same bytes.</summary>
[TestFixture]
internal sealed class GoldenObjectTests
{
    private static IEnumerable<string> Services => GoldenFile.Names("02-service-").Concat(GoldenFile.Names("04-service-"))
        .Where(name => name != "02-service-insertDefaults");

    [TestCaseSource(nameof(Services))]
    public void Service_round_trips(string name)
    {
        var golden = GoldenFile.Load(name);
        var service = GoldenObjects.Service(golden.Body);
        Assert.That(GoldenFile.Write(json => ServiceJson.Write(json, service)), Is.EqualTo(golden.CompactBody));
    }

    [TestCase("02-services")]
    [TestCase("06-stack-services")]
    public void Services_round_trip(string name)
    {
        foreach (var element in GoldenFile.Load(name).Body.EnumerateArray())
        {
            var service = GoldenObjects.Service(element);
            Assert.That(GoldenFile.Write(json => ServiceJson.Write(json, service)), Is.EqualTo(GoldenFile.Compact(element)));
        }
    }

    [Test]
    public void Defaults_are_shown_and_not_stored()
    {
        var stored = GoldenObjects.Service(GoldenFile.Load("02-service-no-defaults").Body);
        var before = stored.Clone();
        Assert.That(
            GoldenFile.Write(json => ServiceJson.Write(json, stored, insertDefaults: true)),
            Is.EqualTo(GoldenFile.Load("02-service-insertDefaults").CompactBody));
        Assert.That(stored, Is.EqualTo(before));
    }

    [TestCase("02-tasks")]
    [TestCase("06-stack-tasks")]
    public void Tasks_round_trip(string name)
    {
        foreach (var element in GoldenFile.Load(name).Body.EnumerateArray())
        {
            var task = GoldenObjects.SwarmTask(element, _ => null);
            Assert.That(GoldenFile.Write(json => TaskJson.Write(json, task)), Is.EqualTo(GoldenFile.Compact(element)));
        }
    }

    [TestCase("02-nodes")]
    [TestCase("09-nodes-three-managers")]
    [TestCase("09-nodes-leader-down")]
    [TestCase("09-nodes-after-force-new-cluster")]
    public void Nodes_round_trip(string name) => Each(name, (element, json) => NodeJson.Write(json, GoldenObjects.Node(element)));

    [Test]
    public void Networks_round_trip() => Each("02-networks-overlay", (element, json) => NetworkJson.Write(json, GoldenObjects.Network(element)));

    [TestCase("02-secrets")]
    [TestCase("06-stack-secrets")]
    public void Secrets_round_trip(string name) => Each(name, (element, json) => SecretJson.Write(json, GoldenObjects.Secret(element)));

    [TestCase("02-configs")]
    [TestCase("06-stack-configs")]
    public void Configs_round_trip(string name) => Each(name, (element, json) => SecretJson.Write(json, GoldenObjects.Config(element)));

    [TestCase("02-swarm")]
    [TestCase("07-swarm-autolock")]
    public void Swarm_round_trips(string name)
    {
        var golden = GoldenFile.Load(name);
        var cluster = GoldenObjects.Cluster(golden.Body);
        var text = GoldenFile.Write(json =>
        {
            json.WriteStartObject();
            ClusterJson.WriteMembers(json, cluster, Swarm.ClusterTls.Of(cluster), withTokens: true);
            json.WriteEndObject();
        });
        Assert.That(text, Is.EqualTo(golden.CompactBody));
    }

    [Test]
    public void Network_with_endpoints_and_peers_has_the_shape_of_one_built_on_the_node()
    {
        var golden = GoldenFile.Load("05-network-ov2");
        var network = GoldenObjects.Network(golden.Body);
        var endpoints = golden.Body.GetProperty("Containers").EnumerateObject().Select(entry => new NetworkEndpoint(
            entry.Name,
            entry.Value.GetProperty("Name").GetString()!,
            entry.Value.GetProperty("EndpointID").GetString()!,
            entry.Value.GetProperty("MacAddress").GetString()!,
            entry.Value.GetProperty("IPv4Address").GetString()!)).ToList();
        var peers = golden.Body.GetProperty("Peers").EnumerateArray()
            .Select(peer => new NetworkPeer(peer.GetProperty("Name").GetString()!, peer.GetProperty("IP").GetString()!)).ToList();
        Assert.That(
            GoldenFile.Write(json => NetworkJson.Write(json, network, new NetworkOnNode(endpoints, peers, []))),
            Is.EqualTo(golden.CompactBody));
    }

    private static void Each(string name, Action<JsonElement, Utf8JsonWriter> write)
    {
        foreach (var element in GoldenFile.Load(name).Body.EnumerateArray())
        {
            Assert.That(GoldenFile.Write(json => write(element, json)), Is.EqualTo(GoldenFile.Compact(element)));
        }
    }
}
