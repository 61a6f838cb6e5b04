using System.Net;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Overlay.Networks;

/// <summary>One entry that comes, takes another value, or goes. Which values count depends on the table.</summary>
/// <param name="Table">The kernel's table.</param>
/// <param name="Add">False = it goes; true = it is there afterwards, whatever was there before.</param>
/// <param name="Address">The endpoint's address, in <see cref="ForwardingTable.Neighbour"/>.</param>
/// <param name="Mac">Its MAC address.</param>
/// <param name="Vtep">Its host's tunnel end, in <see cref="ForwardingTable.Tunnel"/>.</param>
internal readonly record struct ForwardingChange(ForwardingTable Table, bool Add, IPAddress? Address, MacAddress Mac, IPAddress? Vtep);
