using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using SwarmNet.Overlay.Encryption;
using SwarmNet.Overlay.Gateway;
using SwarmNet.Overlay.Kernel;
using SwarmNet.Overlay.Mesh;

namespace SwarmNet.Overlay.Repairs;

/// <summary>Changes of the host's rules are told at once, whoever makes them.</summary>
[Category("Kernel")]
public sealed class HostWatchTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(20);
    private readonly ConcurrentQueue<string> _told = new();
    private TestNet _net = null!;

    [SetUp]
    public void Build()
    {
        _net = new TestNet();
        _net.Switch("outside", "eth0", ("node", "192.0.2.1/24"));
        _told.Clear();
    }

    [TearDown]
    public void Remove() => _net.Dispose();

    [Test]
    public async Task Flushed_rules_are_put_right_without_waiting_for_a_pass()
    {
        using RoutingMesh mesh = RoutingMesh.Open(new RoutingMeshOptions { Namespace = _net["node"], IngressInterface = "eth0" });
        mesh.SetPorts([new PublishedPort(ProtocolType.Tcp, 8080, [new PortBackend(IPAddress.Parse("10.255.0.11"), 80)])]);
        string wanted = _net.Exec("node", "nft list table ip swarmnet_mesh");
        var repairs = new ConcurrentQueue<Repair>();
        await using HostWatch watch = HostWatch.Start(_net["node"], (_, _) =>
        {
            foreach (Repair repair in mesh.Repair())
            {
                repairs.Enqueue(repair);
            }

            return Task.CompletedTask;
        });
        _net.Exec("node", "nft flush ruleset");
        await TestNet.Until(() => repairs.Count == 2, _limit, "both tables are put back");
        Assert.That(_net.Exec("node", "nft list table ip swarmnet_mesh"), Is.EqualTo(wanted));
        _net.Exec("node", "nft flush chain ip swarmnet_mesh postrouting");
        await TestNet.Until(() => repairs.Count == 3, _limit, "one chain is put back");
        Assert.That(_net.Exec("node", "nft list table ip swarmnet_mesh"), Is.EqualTo(wanted));
    }

    [Test]
    public async Task Of_other_tables_and_of_the_meshs_entries_nothing_is_told()
    {
        _net.Exec("node", "nft add table ip swarmnet_mesh; add set ip swarmnet_mesh s { type ipv4_addr; }; add table inet swarmnet_encryption; add set inet swarmnet_encryption s { type ipv4_addr; }");
        await using HostWatch watch = Start();
        _net.Exec("node", "nft add element ip swarmnet_mesh s { 10.0.0.1 }; delete element ip swarmnet_mesh s { 10.0.0.1 }; add table ip mine; add chain ip mine c; delete table ip mine");
        _net.Exec("node", "nft add table ip swarmnet_gateway");
        await TestNet.Until(() => !_told.IsEmpty, _limit, "the gateway's table");
        Assert.That(_told.ToArray(), Is.EqualTo(new[] { HostGateway.TableName }));
        _net.Exec("node", "nft add element inet swarmnet_encryption s { 10.0.0.1 }");
        await TestNet.Until(() => _told.Count == 2, _limit, "an entry of encryption's");
        Assert.That(_told.ToArray()[1], Is.EqualTo(TunnelEncryption.TableName));
    }

    [Test]
    public async Task What_happens_during_a_call_is_told_after_it_and_a_failure_ends_nothing()
    {
        using var first = new SemaphoreSlim(0);
        using var go = new SemaphoreSlim(0);
        Exception? failure = null;
        await using HostWatch watch = HostWatch.Start(_net["node"], async (tables, cancellation) =>
        {
            Tell(tables);
            if (_told.Count == 1)
            {
                first.Release();
                await go.WaitAsync(cancellation);
                throw new OverlayException("no");
            }
        });
        watch.Failed += e => failure = e;
        _net.Exec("node", "nft add table ip swarmnet_gateway");
        Assert.That(await first.WaitAsync(_limit), Is.True);
        _net.Exec("node", "nft add table ip swarmnet_mesh; add chain ip swarmnet_mesh c; delete table ip swarmnet_mesh");
        go.Release();
        await TestNet.Until(() => _told.Count >= 2, _limit, "what came meanwhile");
        Assert.That(_told.ToArray()[1], Is.EqualTo(RoutingMesh.TableName));
        Assert.That(failure, Is.TypeOf<OverlayException>());
    }

    private HostWatch Start() => HostWatch.Start(_net["node"], (tables, _) =>
    {
        Tell(tables);
        return Task.CompletedTask;
    });

    private void Tell(IReadOnlySet<string> tables) => _told.Enqueue(string.Join('|', tables.Order()));
}
