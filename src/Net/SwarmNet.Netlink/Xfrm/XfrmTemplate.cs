using System.Net;

namespace SwarmNet.Netlink.Xfrm;

/// <summary>Which state protects the packets of a policy (<c>struct xfrm_user_tmpl</c>). All algorithms are allowed.</summary>
public sealed record XfrmTemplate
{
    /// <summary>Source of the protected packets.</summary>
    public required IPAddress Source { get; init; }

    /// <summary>Destination of the protected packets, of the same family.</summary>
    public required IPAddress Destination { get; init; }

    /// <summary>Security parameter index; 0 = any state that fits the rest.</summary>
    public uint Spi { get; init; }

    /// <summary>50 = ESP.</summary>
    public byte Protocol { get; init; } = XfrmStateSpec.Esp;

    /// <summary>Ties states and templates together; 0 = any.</summary>
    public uint RequestId { get; init; }

    /// <summary>Transport or tunnel.</summary>
    public XfrmMode Mode { get; init; }

    /// <summary>Without a state the packets pass unprotected (kernel: <c>level use</c>); false = they are dropped.</summary>
    public bool Optional { get; init; }
}
