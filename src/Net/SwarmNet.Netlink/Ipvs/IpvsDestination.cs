using System.Diagnostics.CodeAnalysis;

namespace SwarmNet.Netlink.Ipvs;

/// <summary>A real server of a service; named by address and port.</summary>
public readonly record struct IpvsDestination
{
    /// <summary>Its address. Another family than the service's: only by <see cref="IpvsForwarding.Tunnel"/>.</summary>
    public required IpvsAddress Address { get; init; }

    /// <summary>Its port. By mark: 0 = the port that the client asked for.</summary>
    public ushort Port { get; init; }

    /// <summary>How packets reach it.</summary>
    public IpvsForwarding Forwarding { get; init; }

    /// <summary>Its share of new connections relative to the others; 0 = drained: it keeps what it has.</summary>
    public int Weight { get; init; }

    /// <summary>No new connections at so many; 0 = no limit.</summary>
    public uint UpperThreshold { get; init; }

    /// <summary>New connections again below so many; 0 = below three quarters of <see cref="UpperThreshold"/>.</summary>
    public uint LowerThreshold { get; init; }

    /// <summary>The tunnel, when <see cref="Forwarding"/> says so.</summary>
    public IpvsTunnel Tunnel { get; init; }

    /// <summary>Creates a destination of weight 1 to be filled by an initialiser.</summary>
    public IpvsDestination() => Weight = 1;

    /// <summary>A destination that is reached by translation of addresses.</summary>
    [SetsRequiredMembers]
    public IpvsDestination(IpvsAddress address, ushort port, int weight = 1)
    {
        Address = address;
        Port = port;
        Weight = weight;
    }
}
