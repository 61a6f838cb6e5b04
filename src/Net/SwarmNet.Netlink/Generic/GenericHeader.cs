using System.Runtime.InteropServices;

namespace SwarmNet.Netlink.Generic;

/// <summary>The fixed header of every generic netlink message (<c>struct genlmsghdr</c>); attributes follow.</summary>
/// <param name="Command">The family's command.</param>
/// <param name="Version">The family's version; 1 for most.</param>
[StructLayout(LayoutKind.Sequential, Size = 4)]
public readonly record struct GenericHeader(byte Command, byte Version);
