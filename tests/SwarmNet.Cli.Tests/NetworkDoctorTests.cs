namespace SwarmNet.Cli.Tests;

[TestFixture]
internal sealed class NetworkDoctorTests
{
    private const string Path = "/swarmnet/network/doctor";

    private static string Report(string findings) =>
        $$"""{"NodeID":"n1","Hostname":"node1","Sandboxes":2,"Networks":[{"Name":"demo","LocalEndpoints":2,"RemoteEndpoints":5}],"Findings":[{{findings}}]}""";

    private static string Finding(bool repaired) =>
        $$"""{"Scope":"network demo","Object":"link vxlan0","Difference":"was down","Repaired":{{(repaired ? "true" : "false")}}}""";

    [TestCase("", 0, "all is as it should be\n")]
    [TestCase("differs", 1, "differs: network demo: link vxlan0 was down\n1 difference (to put right what differs: swarm network doctor --repair)\n")]
    public void Without_repair_it_asks_and_tells(string finding, int exitCode, string expected)
    {
        using var engine = new CannedEngine();
        engine.On("GET " + Path, Report(finding.Length == 0 ? "" : Finding(repaired: false)));
        var result = new Cli().Run(engine, "network", "doctor");
        Assert.That(result.Out, Is.EqualTo("node node1: 2 task namespaces\nnetwork demo: 2 endpoints here, 5 on other nodes\n" + expected), result.Error);
        Assert.That(result.ExitCode, Is.EqualTo(exitCode));
    }

    [TestCase("", 0, "repaired: network demo: link vxlan0 was down\n")]
    [TestCase("left", 1, "repaired: network demo: link vxlan0 was down\ndiffers: network demo: link vxlan0 was down\n")]
    public void With_repair_it_tells_what_was_put_right_and_what_is_left(string left, int exitCode, string expected)
    {
        using var engine = new CannedEngine();
        engine.On("POST " + Path, Report(Finding(repaired: true) + (left.Length == 0 ? "" : "," + Finding(repaired: false))));
        var result = new Cli().Run(engine, "network", "doctor", "--repair", "--quiet");
        Assert.That((result.ExitCode, result.Out), Is.EqualTo((exitCode, expected)), result.Error);
    }

    [Test]
    public void Outside_a_swarm_the_refusal_is_shown()
    {
        using var engine = new CannedEngine();
        engine.On("GET " + Path, """{"message":"This node is not part of a swarm"}""", 503);
        var result = new Cli().Run(engine, "network", "doctor");
        Assert.That((result.ExitCode, result.Error), Is.EqualTo((1, "Error response from daemon: This node is not part of a swarm\n")));
    }
}
