using System.Text.Json;

namespace SwarmNet.Cluster.Tests;

/// <summary>Several managers: who leads, and what can happen to one.</summary>
internal sealed partial class LabHarness
{
    /// <summary>Runs a command of <c>swarm</c> against a host's socket: half the processes of <see cref="OnAsync(string, string[])"/>.</summary>
    public Task<CommandResult> SwarmAsync(string node, params string[] arguments) => SwarmAsync(node, 60, arguments);

    public Task<CommandResult> SwarmAsync(string node, int seconds, params string[] arguments) =>
        CommandResult.RunAsync(Binary, ["-H", "unix://" + Socket(node), .. arguments], seconds);

    /// <summary>Joins a host, and waits until it is in: on a busy machine that may be after the request has given up waiting.</summary>
    public async Task JoinAsync(string node, string token, string address, string role, params string[] more)
    {
        var join = await SwarmAsync(node, ["join", "--token", token, .. more, address]);
        if (join.ExitCode == 0)
        {
            Assert.That(join.Text, Is.EqualTo($"This node joined a swarm as a {role}."));
            return;
        }

        Assert.That(join.Error, Does.Contain("The attempt to join the swarm will continue in the background."));
        await UntilAsync(
            async () => (await SwarmAsync(node, "info", "--format", "{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}")).Text == $"active {(role == "manager" ? "true" : "false")}",
            $"{node} has joined as a {role}");
    }

    /// <summary>
    /// What a host's manager says of the nodes: such as <c>node1 Ready Leader</c>, <c>node2 Ready Reachable</c>, <c>node3 Down</c>; empty when it
    /// does not answer.
    /// </summary>
    public async Task<string[]> NodesAsync(string manager)
    {
        try
        {
            var list = await SwarmAsync(manager, 30, "node", "ls", "--format", "{{.Hostname}} {{.Status}} {{.ManagerStatus}}");
            return list.ExitCode == 0 ? [.. list.Lines.Select(line => line.TrimEnd())] : [];
        }
        catch (TimeoutException)
        {
            return [];
        }
    }

    /// <summary>Waits until a host's manager says this of the nodes, in the order of their names.</summary>
    public async Task NodesAsync(string manager, string[] expected, int seconds = 60)
    {
        string[] last = [];
        try
        {
            await UntilAsync(async () => (last = await NodesAsync(manager)).SequenceEqual(expected), $"{manager} shows {string.Join(", ", expected)}", seconds);
        }
        catch
        {
            TestContext.Out.WriteLine($"{manager} shows {string.Join(", ", last)}");
            throw;
        }
    }

    /// <summary>The host that leads, as one of these says whose manager answers.</summary>
    public async Task<string> LeaderAsync(params string[] managers)
    {
        var leader = "";
        await UntilAsync(
            async () =>
            {
                foreach (var manager in managers)
                {
                    if (Array.Find(await NodesAsync(manager), line => line.EndsWith(" Leader", StringComparison.Ordinal)) is { } line)
                    {
                        leader = line.Split(' ')[0];
                        return true;
                    }
                }

                return false;
            },
            $"{string.Join(" or ", managers)} knows a leader");
        return leader;
    }

    /// <summary>Kills a host's daemon with SIGKILL.</summary>
    public async Task KillAsync(string node) => (await LabAsync(60, "stop", "--kill", node)).Ok();

    /// <summary>Starts a host's daemon again.</summary>
    public async Task StartAsync(string node) => (await LabAsync(60, "start", node)).Ok();

    /// <summary>Sends a signal (<c>STOP</c>, <c>CONT</c>) to a host's daemon alone.</summary>
    public async Task SignalAsync(string node, string signal) => (await CommandResult.RunAsync("kill", [$"-{signal}", $"{DaemonPid(node)}"])).Ok();

    /// <summary>Cuts a host off: nothing comes in from the switch, nothing goes out. Its own clients still reach its daemon.</summary>
    public async Task CutAsync(string node) => (await OnAsync(
        node, "nft",
        "add table inet fault; "
        + "add chain inet fault in { type filter hook prerouting priority -500; policy accept; }; add rule inet fault in iifname eth0 drop; "
        + "add chain inet fault out { type filter hook output priority -500; policy accept; }; add rule inet fault out oifname eth0 drop")).Ok();

    /// <summary>Undoes <see cref="CutAsync"/>.</summary>
    public async Task MendAsync(string node) => (await OnAsync(node, "nft", "delete", "table", "inet", "fault")).Ok();

    private int DaemonPid(string node)
    {
        const string name = "Name";
        using var state = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "lab.json")));
        return state.RootElement.GetProperty("Nodes").EnumerateArray().Single(entry => entry.GetProperty(name).GetString() == node)
            .GetProperty("Daemon").GetProperty("Pid").GetInt32();
    }
}
