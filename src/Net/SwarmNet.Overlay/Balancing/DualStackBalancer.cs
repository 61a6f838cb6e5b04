using System.Net.Sockets;
using SwarmNet.Linux;
using SwarmNet.Netlink.NfTables;
using SwarmNet.Overlay.Repairs;

namespace SwarmNet.Overlay.Balancing;

/// <summary>Services of both address families. A namespace without IPv6 services gets no table for them.</summary>
internal sealed class DualStackBalancer(IServiceBalancer ipv4, NetworkNamespace ns) : IServiceBalancer
{
    private readonly Lock _lock = new();
    private readonly NfTablesBalancer _ipv6 = new(ns, NfFamily.Ip6);
    private readonly List<VirtualService> _services4 = [];
    private readonly List<VirtualService> _services6 = [];

    /// <summary>Whether there is, or may be, something of IPv6; null = not looked yet.</summary>
    private bool? _hasIPv6;

    public BalancerKind Kind => ipv4.Kind;

    public int SetServices(IReadOnlyList<VirtualService> services)
    {
        lock (_lock)
        {
            _services4.Clear();
            _services6.Clear();
            for (int i = 0; i < services.Count; i++)
            {
                (services[i].Vip.AddressFamily == AddressFamily.InterNetworkV6 ? _services6 : _services4).Add(services[i]);
            }

            // Nonsense in one family must not leave the other changed.
            _ipv6.Check(_services6);
            int changed = ipv4.SetServices(_services4);
            if (_services6.Count > 0)
            {
                _hasIPv6 = true;
            }

            return HasIPv6() ? changed + _ipv6.SetServices(_services6) : changed;
        }
    }

    public IReadOnlyList<Repair> Repair(bool inspectOnly = false)
    {
        lock (_lock)
        {
            IReadOnlyList<Repair> repairs = ipv4.Repair(inspectOnly);
            return _hasIPv6 == true ? [.. repairs, .. _ipv6.Repair(inspectOnly)] : repairs;
        }
    }

    public void Delete()
    {
        lock (_lock)
        {
            ipv4.Delete();
            if (HasIPv6())
            {
                _ipv6.Delete();
                _hasIPv6 = false;
            }
        }
    }

    public void Dispose()
    {
        ipv4.Dispose();
        _ipv6.Dispose();
    }

    private bool HasIPv6() => _hasIPv6 ??= _ipv6.IsPresent;
}
