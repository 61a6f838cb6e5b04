namespace SwarmNet.Cluster.Tests;

/// <summary>What is broken in a node's networks by hand is found, named and put right by <c>swarm network doctor</c>.</summary>
[Category("Kernel")]
[Category("Slow")]
[NonParallelizable]
public sealed class DoctorTests
{
    [Test]
    public async Task The_doctor_finds_and_repairs_what_was_broken_by_hand()
    {
        await using var lab = await LabHarness.SwarmAsync(2, "doctor");
        (await lab.OnAsync("node1", "swarm", "network", "create", "-d", "overlay", "demo")).Ok();
        (await lab.OnAsync(
            "node1", "swarm", "service", "create", "--name", "web", "--network", "demo", "--mode", "global", "-p", "8080:80", "--no-resolve-image",
            "busybox", "sh", "-c", "hostname >/var/www/index.html; exec httpd -f -p 80 -h /var/www")).Ok();
        await LabHarness.UntilAsync(async () => (await lab.CurlAsync("http://10.77.0.12:8080/", 6)).Distinct().Count() == 2, "both tasks answer through node2");
        await LabHarness.UntilAsync(
            async () => (await lab.OnAsync("node2", "swarm", "network", "doctor")) is { ExitCode: 0 } healthy && healthy.Text.Contains("network demo: 1 endpoints here, 1 on other nodes"),
            "a healthy node is told so");

        var id = (await lab.OnAsync("node1", "swarm", "network", "inspect", "--format", "{{.Id}}", "demo")).Ok().Text;
        var pin = Path.Combine(lab.Folder, "node2", "run", "netns", "net-" + id);
        string[] damage = ["nsenter", "--net=" + pin, "sh", "-c", "ip link set vxlan0 down && ip neigh flush dev br0 nud permanent"];

        // The node's own pass may come first: then it is broken again.
        CommandResult? repaired = null;
        await LabHarness.UntilAsync(
            async () =>
            {
                (await lab.OnAsync("node2", damage)).Ok();
                repaired = await lab.OnAsync("node2", "swarm", "network", "doctor", "--repair");
                return repaired.Text.Contains("repaired: ");
            },
            "the doctor repairs");
        TestContext.Out.WriteLine(repaired!.Text);

        Assert.That(repaired.ExitCode, Is.Zero, repaired.Text);
        Assert.That(repaired.Text, Does.Contain("network demo").And.Contain("all is as it should be again"));
        Assert.That((await lab.OnAsync("node2", "swarm", "network", "doctor", "-q")).Ok().Text, Is.Empty);
        await LabHarness.UntilAsync(async () => (await lab.CurlAsync("http://10.77.0.12:8080/", 6)).Distinct().Count() == 2, "both tasks answer again");
    }
}
