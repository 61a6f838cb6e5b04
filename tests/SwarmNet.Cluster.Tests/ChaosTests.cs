namespace SwarmNet.Cluster.Tests;

/// <summary>Daemons are killed at random points of the job; the swarm still ends in the wanted state and leaves nothing behind.</summary>
[Category("Kernel")]
[Category("Slow")]
[NonParallelizable]
public sealed class ChaosTests
{
    private static readonly string[] _nodes = ["node1", "node2", "node3"];

    [Test]
    public async Task Ten_kills_at_random_points_of_the_job()
    {
        var seed = TestSeed.Next();
        var random = new Random(seed);
        var before = MachineState.Capture();
        var lab = await LabHarness.SwarmAsync(3, "chaos");
        await using (lab)
        {
            (await lab.OnAsync("node1", "swarm", "network", "create", "-d", "overlay", "demo")).Ok();
            (await lab.OnAsync(
                "node1", "swarm", "service", "create", "--detach", "--name", "web", "--network", "demo", "--replicas", "3", "-p", "8080:80", "--no-resolve-image",
                "--restart-delay", "500ms", "busybox", "sh", "-c", "hostname >/var/www/index.html; exec httpd -f -p 80 -h /var/www")).Ok();
            var replicas = 3;
            for (var kill = 0; kill < 10; kill++)
            {
                // The point: some milliseconds after a change was accepted.
                replicas = random.Next(1, 7);
                await RetryAsync(() => lab.OnAsync("node1", "swarm", "service", "scale", "--detach", $"web={replicas}"));
                await Task.Delay(random.Next(0, 1500));
                // Now and then two at once: the manager with a worker, or two workers.
                var victims = random.GetItems(_nodes, random.Next(3) == 0 ? 2 : 1).Distinct().ToList();
                TestContext.Out.WriteLine($"kill {kill + 1}: {string.Join(" and ", victims)}, scaling to {replicas}");
                foreach (var victim in victims)
                {
                    (await lab.LabAsync(30, "stop", "--kill", victim)).Ok();
                }

                await Task.Delay(random.Next(0, 500));
                foreach (var victim in victims)
                {
                    (await lab.LabAsync(60, "start", victim)).Ok();
                }
            }

            await lab.ReplicasAsync("web", $"{replicas}/{replicas}", 90);
            await LabHarness.UntilAsync(
                async () => (await lab.OnAsync("node1", "swarm", "node", "ls", "--format", "{{.Status}}")).Lines is ["Ready", "Ready", "Ready"], "all nodes are ready");
            await LabHarness.UntilAsync(async () => await ContainersAsync(lab) == replicas, $"exactly {replicas} containers run, no orphan");
            foreach (var address in new[] { "10.77.0.11", "10.77.0.12", "10.77.0.13" })
            {
                // A node whose peers were all killed goes on with what it remembers until they are back or given up.
                await lab.AnswerersAsync($"http://{address}:8080/", replicas);
            }

            (await lab.OnAsync("node1", "swarm", "service", "rm", "web")).Ok();
            await LabHarness.UntilAsync(async () => (await lab.OnAsync("node1", "swarm", "network", "rm", "demo")).ExitCode == 0, "the network is free");
            await LabHarness.UntilAsync(async () => await ContainersAsync(lab) == 0, "no container is left");
            foreach (var node in _nodes)
            {
                await LabHarness.UntilAsync(() => Task.FromResult(Namespaces(lab, node).Length == 1), $"{node} keeps the ingress network's namespace alone", 20);
            }
        }

        lab.AssertNothingLeft(before);
    }

    [Test]
    public async Task A_lab_whose_every_process_was_killed_comes_down_clean()
    {
        var before = MachineState.Capture();
        var lab = await LabHarness.SwarmAsync(2, "crash");
        await using (lab)
        {
            (await lab.OnAsync("node1", "swarm", "service", "create", "--name", "web", "--replicas", "4", "-p", "8080:80", "--no-resolve-image", "busybox", "sleep", "1d")).Ok();
            foreach (var node in new[] { "node1", "node2" })
            {
                (await lab.LabAsync(30, "stop", "--kill", node)).Ok();
                (await lab.LabAsync(30, "stop", "--power-off", node)).Ok();
            }
        }

        lab.AssertNothingLeft(before);
    }

    private static async Task<int> ContainersAsync(LabHarness lab)
    {
        var count = 0;
        foreach (var node in _nodes)
        {
            count += (await lab.OnAsync(node, "swarm", "ps", "-q")).Ok().Lines.Length;
        }

        return count;
    }

    private static string[] Namespaces(LabHarness lab, string node) => Directory.GetFiles(Path.Combine(lab.Folder, node, "run", "netns"));

    /// <summary>A manager that was just started may not answer yet; a refusal would be another matter.</summary>
    private static Task RetryAsync(Func<Task<CommandResult>> command) =>
        LabHarness.UntilAsync(async () => (await command()).ExitCode == 0, "the manager takes the change");
}
