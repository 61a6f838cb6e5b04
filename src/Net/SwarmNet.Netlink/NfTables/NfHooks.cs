namespace SwarmNet.Netlink.NfTables;

/// <summary>Numbers of hooks by family (NF_INET_*, NF_ARP_*, NF_BR_*, NF_NETDEV_*).</summary>
internal static class NfHooks
{
    private static readonly NfHook[] _arp = [NfHook.Input, NfHook.Output, NfHook.Forward];
    private static readonly NfHook[] _device = [NfHook.Ingress, NfHook.Egress];

    /// <summary>The kernel's number; throws when the family has no such hook.</summary>
    internal static uint Number(NfFamily family, NfHook hook)
    {
        int number = family switch
        {
            NfFamily.NetDev => Array.IndexOf(_device, hook),
            NfFamily.Arp => Array.IndexOf(_arp, hook),
            NfFamily.Inet => hook <= NfHook.Ingress ? (int)hook : -1,
            _ => hook <= NfHook.Postrouting ? (int)hook : -1,
        };
        return number >= 0 ? (uint)number : throw new ArgumentException($"Tables of family {family} have no hook {hook}.", nameof(hook));
    }

    /// <summary>The hook of a number; the number itself when the family has none of it.</summary>
    internal static NfHook FromNumber(NfFamily family, uint number) => family switch
    {
        NfFamily.NetDev when number < _device.Length => _device[number],
        NfFamily.Arp when number < _arp.Length => _arp[number],
        _ => (NfHook)number,
    };
}
