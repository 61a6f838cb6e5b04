namespace SwarmNet.Overlay.Mesh;

/// <summary>A published port, or a range of them, as the slot algorithm's frontend.</summary>
/// <param name="Address">Where it is published: a host's address, or 0 for all of them; ranges are on all of them.</param>
/// <param name="Protocol">IP protocol number.</param>
/// <param name="Port">The port; of a range the first.</param>
/// <param name="LastPort">The port again; of a range the last.</param>
internal readonly record struct PortFrontend(uint Address, byte Protocol, ushort Port, ushort LastPort)
{
    private const ulong RangeBit = 1ul << 63;

    /// <summary>A single port.</summary>
    public PortFrontend(uint address, byte protocol, ushort port)
        : this(address, protocol, port, port)
    {
    }

    /// <summary>Whether it is more than one port.</summary>
    public bool IsRange => LastPort != Port;

    /// <summary>As a number: address (or, with the highest bit set, last port), protocol, port.</summary>
    public ulong Id => (IsRange ? RangeBit | ((ulong)LastPort << 24) : (ulong)Address << 24) | ((ulong)Protocol << 16) | Port;

    public static PortFrontend Of(ulong id) => (id & RangeBit) != 0
        ? new PortFrontend(0, (byte)(id >> 16), (ushort)id, (ushort)(id >> 24))
        : new PortFrontend((uint)(id >> 24), (byte)(id >> 16), (ushort)id);

    /// <summary>Whether the port of a destination is meant.</summary>
    public bool Covers(uint address, byte protocol, ushort port) =>
        protocol == Protocol && port >= Port && port <= LastPort && (Address == 0 || Address == address);
}
