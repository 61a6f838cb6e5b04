namespace SwarmNet.Cluster.Tests;

/// <summary>Leaving a swarm when things are not as they should be.</summary>
[Category("Kernel")]
[Category("Slow")]
[NonParallelizable]
public sealed class LeaveTests
{
    [Test]
    public async Task A_node_whose_state_cannot_be_used_says_why_and_can_leave_all_the_same()
    {
        await using var lab = await LabHarness.UpAsync(1, "leave");
        (await lab.SwarmAsync("node1", "init", "--advertise-addr", "10.77.0.11")).Ok();
        (await lab.LabAsync(30, "stop", "node1")).Ok();
        var tasks = Path.Combine(lab.Folder, "node1", "state", "worker");
        Directory.Delete(tasks, recursive: true);
        await File.WriteAllTextAsync(tasks, "not a folder");
        (await lab.LabAsync(30, "start", "node1")).Ok();
        var info = (await lab.SwarmAsync("node1", "info", "--format", "{{.Swarm.LocalNodeState}} {{.Swarm.Error}}")).Ok().Text;
        Assert.That(info, Does.StartWith("error ").And.Contain(tasks));

        (await lab.SwarmAsync("node1", "leave", "--force")).Ok();
        Assert.That((await lab.SwarmAsync("node1", "info", "--format", "{{.Swarm.LocalNodeState}}")).Ok().Text, Is.EqualTo("inactive"));
        File.Delete(tasks);
        (await lab.SwarmAsync("node1", "init", "--advertise-addr", "10.77.0.11")).Ok();
    }
}
