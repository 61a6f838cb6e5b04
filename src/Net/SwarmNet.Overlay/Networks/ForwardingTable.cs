namespace SwarmNet.Overlay.Networks;

/// <summary>The kernel table that a <see cref="ForwardingChange"/> is about.</summary>
internal enum ForwardingTable
{
    /// <summary>Permanent neighbour of the VXLAN device: address → MAC.</summary>
    Neighbour,

    /// <summary>Forwarding entry of the VXLAN device: MAC → VTEP.</summary>
    Tunnel,

    /// <summary>Static forwarding entry of the bridge: MAC → VXLAN port.</summary>
    Port,
}
