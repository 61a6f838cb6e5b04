using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace SwarmNet.Gossip.Tests;

/// <summary>A stock `serf agent` as the second witness of the wire format (Debian package serf).</summary>
[Category("Peers"), CancelAfter(60_000)]
public class SerfTests
{
    private static readonly byte[] s_key = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];

    [Test]
    public async Task Serf_accepts_us_and_sees_us_fail([Values] bool encrypted, CancellationToken cancellationToken)
    {
        await using SerfAgent serf = await SerfAgent.StartAsync("127.0.0.2", encrypted ? s_key : null, cancellationToken);
        await using (GossipNode node = await StartAsync(encrypted))
        {
            await node.JoinAsync([serf.EndPoint], cancellationToken);
            await GossipNodeTests.UntilAsync(() => node.Members.Any(member => member.Name == "serf" && member.State == MemberState.Alive), cancellationToken);
            await serf.UntilMemberAsync(node.NodeName, "alive", cancellationToken);
            // Long enough for probes in both directions: each must stay alive for the other.
            Stopwatch watch = Stopwatch.StartNew();
            while (watch.Elapsed < TimeSpan.FromSeconds(4))
            {
                Assert.That(node.Members.Single(member => member.Name == "serf").State, Is.EqualTo(MemberState.Alive));
                await Task.Delay(100, cancellationToken);
            }

            Assert.That(await serf.MembersAsync(cancellationToken), Does.Match($"{node.NodeName} .*alive"));
        }

        await serf.UntilMemberGoneAsync(cancellationToken);
    }

    [Test]
    public async Task We_see_serf_leave(CancellationToken cancellationToken)
    {
        await using SerfAgent serf = await SerfAgent.StartAsync("127.0.0.3", null, cancellationToken);
        await using GossipNode node = await StartAsync(false);
        await node.JoinAsync([serf.EndPoint], cancellationToken);
        await GossipNodeTests.UntilAsync(() => node.Members.Any(member => member.Name == "serf"), cancellationToken);
        await serf.LeaveAsync(cancellationToken);
        await GossipNodeTests.UntilAsync(() => node.Members.Any(member => member.Name == "serf" && member.State == MemberState.Left), cancellationToken);
    }

    [Test]
    public async Task Serf_is_found_dead_when_killed(CancellationToken cancellationToken)
    {
        await using SerfAgent serf = await SerfAgent.StartAsync("127.0.0.4", null, cancellationToken);
        await using GossipNode node = await StartAsync(false);
        await node.JoinAsync([serf.EndPoint], cancellationToken);
        await GossipNodeTests.UntilAsync(() => node.Members.Any(member => member.Name == "serf"), cancellationToken);
        serf.Kill();
        await GossipNodeTests.UntilAsync(() => node.Members.Any(member => member.Name == "serf" && member.State == MemberState.Dead), cancellationToken);
    }

    private static Task<GossipNode> StartAsync(bool encrypted) => GossipNode.StartAsync(new GossipOptions
    {
        NodeName = "ours-" + GossipNode.NewNodeName(),
        BindAddress = IPAddress.Parse("127.0.0.1"),
        Port = 0,
        Keys = encrypted ? [s_key] : [],
        Version = new GossipVersion(2, 5, 4),
        Meta = [0xFF, 0x80],
        Tables = false,
    });

    private sealed class SerfAgent(Process process, IPEndPoint endPoint, string rpc) : IAsyncDisposable
    {
        public IPEndPoint EndPoint => endPoint;

        public static async Task<SerfAgent> StartAsync(string address, byte[]? key, CancellationToken cancellationToken)
        {
            int port = FreePort(address);
            string rpc = string.Create(CultureInfo.InvariantCulture, $"{address}:{FreePort(address)}");
            ProcessStartInfo start = new("serf", [
                "agent", "-node", "serf", "-bind", string.Create(CultureInfo.InvariantCulture, $"{address}:{port}"), "-rpc-addr", rpc, "-profile", "lan",
                .. key is null ? (string[])[] : ["-encrypt", Convert.ToBase64String(key)],
            ])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            Process process = Process.Start(start) ?? throw new InvalidOperationException("serf does not start; install the Debian package serf.");
            process.OutputDataReceived += (_, line) => TestContext.Progress.WriteLine(line.Data);
            process.BeginErrorReadLine();
            process.BeginOutputReadLine();
            SerfAgent agent = new(process, new IPEndPoint(IPAddress.Parse(address), port), rpc);
            while (!(await agent.MembersAsync(cancellationToken)).Contains("alive", StringComparison.Ordinal))
            {
                await Task.Delay(50, cancellationToken);
            }

            return agent;
        }

        public Task<string> MembersAsync(CancellationToken cancellationToken) => SerfAsync(cancellationToken, "members", "-rpc-addr", rpc);

        public Task LeaveAsync(CancellationToken cancellationToken) => SerfAsync(cancellationToken, "leave", "-rpc-addr", rpc);

        public async Task UntilMemberAsync(string name, string state, CancellationToken cancellationToken)
        {
            while (!(await MembersAsync(cancellationToken)).Split('\n').Any(line =>
                line.StartsWith(name, StringComparison.Ordinal) && line.Contains(state, StringComparison.Ordinal)))
            {
                await Task.Delay(100, cancellationToken);
            }
        }

        public Task UntilMemberGoneAsync(CancellationToken cancellationToken) => UntilMemberAsync("ours-", "failed", cancellationToken);

        public void Kill() => process.Kill();

        public async ValueTask DisposeAsync()
        {
            if (!process.HasExited)
            {
                process.Kill();
            }

            await process.WaitForExitAsync();
            process.Dispose();
        }

        private static async Task<string> SerfAsync(CancellationToken cancellationToken, params string[] arguments)
        {
            using Process command = Process.Start(new ProcessStartInfo("serf", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string output = await command.StandardOutput.ReadToEndAsync(cancellationToken);
            await command.WaitForExitAsync(cancellationToken);
            return output;
        }

        private static int FreePort(string address)
        {
            using Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            socket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
            return ((IPEndPoint)socket.LocalEndPoint!).Port;
        }
    }
}
