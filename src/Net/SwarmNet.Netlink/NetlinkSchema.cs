namespace SwarmNet.Netlink;

/// <summary>The attributes of a family's requests, by message type; null when nothing is known, not even the size of the fixed header.</summary>
public delegate NetlinkAttributeSet? NetlinkSchema(ushort messageType);
