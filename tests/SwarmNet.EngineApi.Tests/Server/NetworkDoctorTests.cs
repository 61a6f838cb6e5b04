using SwarmNet.Agent.Network;
using SwarmNet.EngineApi.Tests.Support;
using SwarmNet.Overlay.Repairs;

namespace SwarmNet.EngineApi.Tests.Server;

[TestFixture]
internal sealed class NetworkDoctorTests
{
    [TestCase("GET", false)]
    [TestCase("POST", true)]
    public async Task The_report_of_the_node_is_shown_and_only_a_post_repairs(string method, bool repairs)
    {
        await using var engine = await TestEngine.StartAsync();
        engine.Node.Status = new SwarmNodeStatus(LocalNodeState.Active, "n1", "10.0.0.1", "", []);
        engine.Node.Report = new NetworkReport([("demo", 2, 5)], 3, [new NetworkFinding("network demo", new Repair("link vxlan0", "was down"), repairs)]);
        var (status, body, _) = await engine.SendAsync(method, "/swarmnet/network/doctor");
        Assert.That((status, engine.Node.ExaminedWithRepair), Is.EqualTo((200, (bool?)repairs)));
        Assert.That(body, Does.StartWith("{\"NodeID\":\"n1\",\"Hostname\":").And.Contain(
            "\"Sandboxes\":3,\"Networks\":[{\"Name\":\"demo\",\"LocalEndpoints\":2,\"RemoteEndpoints\":5}],"
            + $"\"Findings\":[{{\"Scope\":\"network demo\",\"Object\":\"link vxlan0\",\"Difference\":\"was down\",\"Repaired\":{(repairs ? "true" : "false")}}}]"));
    }

    [Test]
    public async Task Outside_a_swarm_it_is_refused_with_Dockers_sentence()
    {
        await using var engine = await TestEngine.StartAsync();
        var (status, body, _) = await engine.SendAsync("GET", "/swarmnet/network/doctor");
        Assert.That(status, Is.EqualTo(503));
        Assert.That(body, Does.Contain("This node is not part of a swarm"));
    }
}
