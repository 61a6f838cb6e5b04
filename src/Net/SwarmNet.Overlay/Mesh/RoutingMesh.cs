using SwarmNet.Linux;
using SwarmNet.Netlink.NfTables;
using SwarmNet.Overlay.Balancing;
using SwarmNet.Overlay.Repairs;

namespace SwarmNet.Overlay.Mesh;

/// <summary>
/// Published ports of a host: what arrives at any of its addresses (also 127.0.0.1, also from the host itself and its tasks) on
/// a published port is translated to a backend, in turn. Backends may be anywhere on the ingress overlay, or local.
/// </summary>
/// <remarks>
/// <para>Backends see the client's own address; a <see cref="ReturnPath"/> in their namespace sends the answers back through the host that was asked. They see this
/// host's address on the ingress overlay instead when the client is 127.0.0.1, a neighbour on the ingress overlay, one of
/// <see cref="RoutingMeshOptions.LocalSources"/>, or when they ask for it (<see cref="PortBackend.TranslatesSource"/>).</para>
/// <para>One nf_tables table with a constant number of rules; ports are elements of its maps, updates are transactions of what
/// differs. Every published port is also held by a socket, so that a port in use is noticed before anything is applied.
/// Turns on IPv4 forwarding. The state is the kernel's: a new object over a namespace that has the table goes on from it.
/// Thread-safe.</para>
/// <para>A second table, <see cref="UserTableName"/>, is the host owner's: it is made when it is not there, and never touched again. Its chain
/// <see cref="UserChainName"/> sees what clients send to published ports, at priority -10 of the forward hook, before this mesh's rules and other firewalls' usual ones.</para>
/// </remarks>
public sealed class RoutingMesh : IDisposable
{
    /// <summary>Name of the table (family ip). Only this table is ever touched.</summary>
    public const string TableName = "swarmnet_mesh";

    /// <summary>Name of the table (family ip) with the host owner's rules.</summary>
    public const string UserTableName = UserRules.TableName;

    /// <summary>The chain in it that is the owner's to fill.</summary>
    public const string UserChainName = UserRules.Chain;

    private static readonly NfTable _table = new(NfFamily.Ip, TableName);

    private readonly RoutingMeshOptions _options;
    private readonly Lock _lock = new();
    private readonly BalancerEngine _engine;
    private readonly TranslatedBackends _translated = new(_table);
    private readonly PortGuard _guard;
    private PublishedPort[]? _ports;

    private RoutingMesh(RoutingMeshOptions options)
    {
        _options = options;
        _guard = new PortGuard(options.Namespace);
        string version = string.Join('_', ["v5", options.IngressInterface, .. options.LocalSources.Select(static source => $"{source.NetworkValue:x8}{source.Length}")]);
        _engine = new BalancerEngine(options.Namespace, _table, new PortCodec(), version, Define);
    }

    /// <summary>
    /// Opens the mesh of a host: makes its table, without ports, unless an earlier process left one. From then on nobody but the
    /// host reaches the ingress overlay except by a published port.
    /// </summary>
    public static RoutingMesh Open(RoutingMeshOptions options)
    {
        if (options.IngressInterface.Length is 0 or > 15)
        {
            throw new ArgumentException($"The interface name \"{options.IngressInterface}\" must have 1 to 15 characters.", nameof(options));
        }

        var mesh = new RoutingMesh(options);
        try
        {
            UserRules.Ensure(mesh._engine.Socket);
            mesh.Prepare();
            return mesh;
        }
        catch
        {
            mesh.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Publishes these, and only these, ports. The same ports in the same order again cost nothing: no system call, no allocation. A call
    /// that fails changed nothing.
    /// </summary>
    /// <returns>Number of map elements that changed.</returns>
    /// <exception cref="ArgumentException">A port makes no sense.</exception>
    /// <exception cref="PortConflictException">A port is there twice, or a process of the host has bound it.</exception>
    /// <exception cref="OverlayException">There are more than 16,384 ports, or one is wanted on an address that the host does not have.</exception>
    public int SetPorts(IReadOnlyList<PublishedPort> ports)
    {
        lock (_lock)
        {
            if (_engine.IsKnown && _ports is not null && MeshWishes.AreSame(_ports, ports))
            {
                return 0;
            }

            MeshWishes wishes = MeshWishes.Of(ports);
            PublishedPort[] copy = [.. ports.Select(static port => port with { Backends = [.. port.Backends] })];
            if (_guard.Reserve(wishes.Guarded) is { Count: > 0 } taken)
            {
                throw PortConflictException.InUse(taken, PortHolder.Find(_options.Namespace, taken[0]));
            }

            PublishedPort[]? before = _ports;
            _ports = null;
            int changed;
            try
            {
                changed = Apply(wishes, ports.Count > 0);
            }
            catch
            {
                _guard.Keep(before is null ? [] : MeshWishes.Of(before).Guarded);
                throw;
            }

            _guard.Keep(wishes.Guarded);
            _ports = copy;
            return changed;
        }
    }

    /// <summary>Compares the kernel with what was last published, and puts right what somebody else changed.</summary>
    /// <param name="inspectOnly">Change nothing.</param>
    /// <returns>What was different; empty when all was well.</returns>
    public IReadOnlyList<Repair> Repair(bool inspectOnly = false)
    {
        lock (_lock)
        {
            List<Repair> repairs = RepairTable(inspectOnly);
            if (UserRules.Ensure(_engine.Socket, inspectOnly))
            {
                repairs.Add(new Repair($"table {UserTableName}", "was missing"));
            }

            return repairs;
        }
    }

    /// <summary>Removes the table and gives the ports up. The owner's table stays, unless there is nothing of the owner in it.</summary>
    public void Delete()
    {
        lock (_lock)
        {
            _ports = null;
            _engine.Delete();
            UserRules.DeleteUnused(_engine.Socket);
            _guard.Keep([]);
        }
    }

    /// <summary>Closes the sockets; the table keeps forwarding.</summary>
    public void Dispose()
    {
        _guard.Dispose();
        _engine.Dispose();
    }

    private void Prepare()
    {
        if (!_engine.IsKnown)
        {
            _engine.Prepare();
            _translated.Commit(TranslatedBackends.List(_engine.Socket, _table));
        }
    }

    private int Apply(MeshWishes wishes, bool publishes)
    {
        Prepare();
        PrepareHost(publishes);
        int differences = 0;
        BalancePlan plan = _engine.Apply(
            wishes.Frontends, isComplete: true, batch => differences = _translated.Append(batch, _translated.Addresses, wishes.Translated));
        _translated.Commit(wishes.Translated);
        new MeshFlows(plan, _engine.Current).Forget(_engine.Socket);
        return plan.Count + differences;
    }

    private List<Repair> RepairTable(bool inspectOnly)
    {
        if (!_engine.IsKnown)
        {
            return [];
        }

        List<Repair> repairs = _engine.Repair(inspectOnly, batch => _translated.Append(batch, [], _translated.Addresses));
        if (inspectOnly || repairs.Count == 0)
        {
            return repairs;
        }

        // When only elements differed the engine put its own right.
        var batch = new NfTablesBatch();
        if (_translated.Append(batch, TranslatedBackends.List(_engine.Socket, _table), _translated.Addresses) > 0)
        {
            batch.Execute(_engine.Socket);
        }

        return repairs;
    }

    /// <summary>Forwarding, and replies to 127.0.0.1 on the ingress interface (outsiders who try that are dropped by a rule).</summary>
    private void PrepareHost(bool publishes)
    {
        if (publishes)
        {
            HostSysctl.Set(_options.Namespace, "net.ipv4.ip_forward", "1");
            HostSysctl.TrySet(_options.Namespace, $"net/ipv4/conf/{_options.IngressInterface}/route_localnet", "1");
        }
    }

    private void Define(NfTablesBatch batch, BalanceSets sets) => MeshRules.Define(batch, _table, sets, _options);
}
