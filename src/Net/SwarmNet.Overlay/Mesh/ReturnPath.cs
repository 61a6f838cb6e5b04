using System.Net;
using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.NfTables;
using SwarmNet.Netlink.Route;
using SwarmNet.Overlay.Repairs;

namespace SwarmNet.Overlay.Mesh;

/// <summary>
/// The server's side of a mesh that shows clients' true addresses: in the namespace of a server on the ingress overlay, makes answers to a client leave by
/// the ingress interface and go to the host that the client asked, which alone can translate them back.
/// </summary>
/// <remarks>
/// <para>A new flow is marked with the last four bytes of its sender's Ethernet address. Entry hosts have addresses as <see cref="Networks.OverlayNetwork.MacOf"/>
/// makes them, so this is the host's IPv4 address on the ingress overlay, and the answer's Ethernet destination can be computed: nobody needs to know the hosts. The mark of
/// answers is read by the egress hook, or by routing rules.</para>
/// <para>A server that answers UDP from an unbound socket would send from the address of its default route; what goes to a client of the ingress overlay gets
/// the address that the client's question was translated to.</para>
/// <para>Clients whose addresses lie in the ingress overlay are answered directly: these are hosts that translate the source. Thread-safe.</para>
/// </remarks>
public sealed class ReturnPath : IDisposable
{
    /// <summary>Name of the tables (families ip and netdev). Only these are ever touched.</summary>
    public const string TableName = ReturnRules.TableName;

    private readonly ReturnPathOptions _options;
    private readonly Lock _lock = new();
    private readonly NetlinkSocket _netfilter;
    private readonly Rtnetlink _links;
    private readonly ReturnRules _rules;
    private readonly ReturnRoutes _routes;

    private ReturnPath(ReturnPathOptions options)
    {
        _options = options;
        _netfilter = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, options.Namespace);
        _links = Rtnetlink.Open(options.Namespace);
        _rules = new ReturnRules(options);
        _routes = new ReturnRoutes(options, _links);
    }

    /// <summary>How it works here.</summary>
    public ReturnPathMode Mode { get; private set; }

    /// <summary>Makes the return path of a namespace, or completes and adopts what an earlier process made.</summary>
    /// <exception cref="OverlayException">There is no such interface.</exception>
    /// <exception cref="NetlinkException">The kernel refuses.</exception>
    public static ReturnPath Open(ReturnPathOptions options)
    {
        var path = new ReturnPath(options);
        try
        {
            path.Build();
            return path;
        }
        catch
        {
            path.Dispose();
            throw;
        }
    }

    /// <summary>The entry hosts' addresses on the ingress overlay, all of them. Needed only by <see cref="ReturnPathMode.RoutingRules"/>; ignored else.</summary>
    public void SetEntries(IReadOnlyCollection<IPAddress> entries)
    {
        if (Mode == ReturnPathMode.RoutingRules)
        {
            lock (_lock)
            {
                _routes.SetEntries(entries);
            }
        }
    }

    /// <summary>Compares the kernel with what was made, and puts right what somebody else changed.</summary>
    /// <param name="inspectOnly">Change nothing.</param>
    /// <returns>What was different; empty when all was well.</returns>
    public IReadOnlyList<Repair> Repair(bool inspectOnly = false)
    {
        lock (_lock)
        {
            // An interface that is gone, or is another one, is not ours to repair: who attached it opens a new path.
            return _routes.IsThere ? [.. _rules.Repair(_netfilter, Mode, inspectOnly), .. _routes.Repair(inspectOnly)] : [];
        }
    }

    /// <summary>Removes it. Needed only where the namespace lives on.</summary>
    public void Delete()
    {
        lock (_lock)
        {
            ReturnRules.Delete(_netfilter);
            _routes.Delete();
        }
    }

    /// <summary>Closes the sockets; the return path stays.</summary>
    public void Dispose()
    {
        _links.Dispose();
        _netfilter.Dispose();
    }

    private void Build()
    {
        // Clients come in by an interface that the route to them does not lead to. The greater of this setting and the one of "all" counts, and 2 is the greatest.
        _options.Namespace.SetSysctl($"net/ipv4/conf/{_options.InterfaceName}/rp_filter", "2");
        _routes.Build();
        Mode = _rules.Build(_netfilter);
    }
}
