using SwarmNet.Netlink.Route;

namespace SwarmNet.Overlay.Networks;

/// <summary>One entry that comes or goes. Which numbers count depends on the table.</summary>
internal readonly record struct ForwardingChange(ForwardingTable Table, bool Add, uint Ip, MacAddress Mac, uint Vtep);
