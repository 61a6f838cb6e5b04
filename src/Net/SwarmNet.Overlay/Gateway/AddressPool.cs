using System.Net;

namespace SwarmNet.Overlay.Gateway;

/// <summary>
/// Hands out the host addresses of one subnet, each new one above the last so that a freed address rests before it is used
/// again. Not thread-safe; no IO.
/// </summary>
internal sealed class AddressPool
{
    private readonly IPv4Prefix _subnet;
    private readonly HashSet<uint> _used = [];
    private uint _next;

    /// <summary>Creates a pool in which all addresses are free.</summary>
    /// <param name="subnet">The addresses.</param>
    /// <param name="last">The address that was handed out last; the search goes on behind it. 0 = from the first.</param>
    public AddressPool(IPv4Prefix subnet, uint last = 0)
    {
        _subnet = subnet;
        _next = last > subnet.NetworkValue && last + 1 < subnet.BroadcastValue ? last + 1 : subnet.NetworkValue + 1;
    }

    /// <summary>Marks an address as taken; false when it was already, or when it is no host address of the subnet.</summary>
    public bool Reserve(IPAddress address)
    {
        uint value = address.ToUInt32();
        return value > _subnet.NetworkValue && value < _subnet.BroadcastValue && _used.Add(value);
    }

    /// <summary>Takes a free address.</summary>
    /// <exception cref="OverlayException">None is left.</exception>
    public IPAddress Allocate()
    {
        uint hosts = _subnet.BroadcastValue - _subnet.NetworkValue - 1;
        for (uint tried = 0; tried < hosts; tried++)
        {
            uint value = _next;
            _next = value + 1 >= _subnet.BroadcastValue ? _subnet.NetworkValue + 1 : value + 1;
            if (_used.Add(value))
            {
                return value.ToIPAddress();
            }
        }

        throw new OverlayException($"No address is left in the gateway subnet {_subnet}: {_used.Count} are in use.");
    }

    /// <summary>Gives an address back; unknown ones are ignored.</summary>
    public void Release(IPAddress address) => _used.Remove(address.ToUInt32());
}
