using Microsoft.Extensions.Logging;
using SwarmNet.Linux;
using SwarmNet.Overlay.Encryption;
using SwarmNet.Overlay.Gateway;
using SwarmNet.Overlay.Mesh;
using SwarmNet.Overlay.Repairs;

namespace SwarmNet.Agent.Network;

// Wanted against actual: each pass compares every network, sandbox and table with the kernel. Callers of the private parts hold the gate.
public sealed partial class NodeNetwork
{
    private readonly Reconciler _reconciler;
    private HostWatch? _hostWatch;

    /// <summary>Raised (on any thread) for every difference that a pass or <see cref="ExamineAsync"/> put right.</summary>
    public event Action<NetworkFinding>? Repaired;

    /// <summary>Compares all that this node's network has made with what it should be.</summary>
    /// <param name="repair">Put differences right.</param>
    /// <param name="cancellationToken">Gives up between two parts.</param>
    public async Task<NetworkReport> ExamineAsync(bool repair, CancellationToken cancellationToken)
    {
        var findings = new List<NetworkFinding>();
        List<(string, int, int)> networks = [];
        List<string> networkIds, taskIds;
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            networkIds = [.. _networks.Keys];
            taskIds = [.. _sandboxes.Keys];
            ExamineHost(repair, findings, static _ => true);
        }
        finally
        {
            _gate.Release();
        }

        // Each under the gate by itself: a task that starts does not wait for all of them.
        foreach (var id in networkIds)
        {
            await UnderGateAsync(() => ExamineNetwork(id, repair, findings, networks), cancellationToken).ConfigureAwait(false);
        }

        var sandboxes = 0;
        foreach (var id in taskIds)
        {
            await UnderGateAsync(() => sandboxes += ExamineSandbox(id, repair, findings), cancellationToken).ConfigureAwait(false);
        }

        Report(findings);
        return new NetworkReport(networks, sandboxes, findings);
    }

    private async Task<IReadOnlyList<Repair>> ReconcileAsync(CancellationToken cancellationToken) =>
        [.. (await ExamineAsync(repair: true, cancellationToken).ConfigureAwait(false)).Findings.Where(f => f.IsRepaired).Select(f => f.Repair)];

    /// <summary>Listens for changes of the host's rules, from the first of them on.</summary>
    private void WatchHost()
    {
        if (_hostWatch is null)
        {
            _hostWatch = HostWatch.Start(null, RepairHostAsync);
            _hostWatch.Failed += LogReconcileFailed;
        }
    }

    /// <summary>Somebody has changed tables of the host's namespace: these are put right at once.</summary>
    private async Task RepairHostAsync(IReadOnlySet<string> tables, CancellationToken cancellationToken)
    {
        var findings = new List<NetworkFinding>();
        await UnderGateAsync(() => ExamineHost(repair: true, findings, tables.Contains), cancellationToken).ConfigureAwait(false);
        RepairMetrics.Count(findings.Where(f => f.IsRepaired).Select(f => f.Repair));
        Report(findings);
    }

    private void Report(List<NetworkFinding> findings)
    {
        foreach (var finding in findings.Where(f => f.IsRepaired))
        {
            LogRepaired(finding.Scope, finding.Repair);
            Repaired?.Invoke(finding);
        }
    }

    private async Task UnderGateAsync(Action part, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            part();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>What is in the host's own namespace, encryption first: until its rules are back, clear text may come in.</summary>
    private void ExamineHost(bool repair, List<NetworkFinding> findings, Func<string, bool> concerns)
    {
        if (_encryption is { } encryption && concerns(TunnelEncryption.TableName))
        {
            Examine(findings, "encrypted networks", repair, () => encryption.Repair(inspectOnly: !repair));
        }

        if (_gateway is { } gateway && concerns(HostGateway.TableName))
        {
            Examine(findings, "gateway", repair, () => gateway.Repair(inspectOnly: !repair));
        }

        if (_mesh is { } mesh && (concerns(RoutingMesh.TableName) || concerns(RoutingMesh.UserTableName)))
        {
            Examine(findings, "mesh", repair, () => mesh.Repair(inspectOnly: !repair));
        }
    }

    private void ExamineNetwork(string id, bool repair, List<NetworkFinding> findings, List<(string Name, int Local, int Remote)> networks)
    {
        if (!_networks.TryGetValue(id, out var network))
        {
            return;
        }

        var name = network.Parameters.Name;
        networks.Add((name, network.Local.Count, PeersOf(network).Count()));
        Examine(findings, $"network {name}", repair, repair ? network.Overlay.Repair : network.Overlay.Inspect);
        if (network.Local.Values.FirstOrDefault(e => e.InterfaceName == IngressInterface) is { } own)
        {
            Examine(findings, $"network {name}", repair, () =>
            {
                using var home = NetworkNamespace.OpenCurrent();
                return network.Overlay.RepairEndpoint(home, own.InterfaceName, own.Address, inspectOnly: !repair);
            });
        }
    }

    private int ExamineSandbox(string taskId, bool repair, List<NetworkFinding> findings)
    {
        if (!_sandboxes.TryGetValue(taskId, out var sandbox))
        {
            return 0;
        }

        var scope = $"task {sandbox.Name}";
        foreach (var endpoint in sandbox.Endpoints)
        {
            var overlay = _networks[endpoint.NetworkId].Overlay;
            Examine(findings, scope, repair, () => overlay.RepairEndpoint(
                sandbox.Namespace, endpoint.InterfaceName, endpoint.Address, address6: endpoint.Address6?.Address, inspectOnly: !repair));
        }

        if (sandbox.GatewayAddress is { } address)
        {
            Examine(findings, scope, repair, () => Gateway().RepairAttached(sandbox.Namespace, $"eth{sandbox.Endpoints.Count}", address, inspectOnly: !repair));
        }

        // Nothing that can be put right from here.
        Examine(findings, scope, false, () => ChecksumErrors.Inspect(sandbox.Namespace));
        Examine(findings, scope, repair, () => sandbox.Balancer?.Repair(inspectOnly: !repair) ?? []);
        Examine(findings, scope, repair, () => sandbox.DnsRedirect?.Repair(inspectOnly: !repair) ?? []);
        Examine(findings, scope, repair, () => sandbox.ReturnPath?.Repair(inspectOnly: !repair) ?? []);
        return 1;
    }

    /// <summary>One part that cannot be compared, or does not take what is wanted, keeps no other from it.</summary>
    private void Examine(List<NetworkFinding> findings, string scope, bool repair, Func<IReadOnlyList<Repair>> compare)
    {
        try
        {
            // A port of an endpoint is both the network's and the endpoint's.
            findings.AddRange(compare().Select(r => new NetworkFinding(scope, r, repair)).Where(f => !findings.Contains(f)));
        }
        catch (Exception e) when (e is LinuxException or Netlink.NetlinkException or Overlay.OverlayException)
        {
            LogNotRepaired(scope, e.Message);
            findings.Add(new NetworkFinding(scope, new Repair("it", $"cannot be compared or repaired: {e.Message}"), false));
        }
    }

    [LoggerMessage(3005, LogLevel.Warning, "Repaired in {Scope}: {Repair}")]
    private partial void LogRepaired(string scope, Repair repair);

    [LoggerMessage(3006, LogLevel.Error, "What the kernel has of {Scope} is not what it should be, and cannot be put right: {Reason}")]
    private partial void LogNotRepaired(string scope, string reason);

    [LoggerMessage(3007, LogLevel.Error, "A comparison of the network with the kernel failed")]
    private partial void LogReconcileFailed(Exception error);
}
