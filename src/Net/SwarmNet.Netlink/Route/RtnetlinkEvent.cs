using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

/// <summary>A change of a link, address, route, rule, neighbour or forwarding entry; exactly one of them is not null, except after a loss.</summary>
public readonly record struct RtnetlinkEvent
{
    private readonly object? _entry;

    private RtnetlinkEvent(RtnetlinkEventKind kind, object? entry)
    {
        Kind = kind;
        _entry = entry;
    }

    /// <summary>Notifications were lost.</summary>
    public static RtnetlinkEvent Overrun { get; } = new(RtnetlinkEventKind.Overrun, null);

    /// <summary>What happened.</summary>
    public RtnetlinkEventKind Kind { get; }

    /// <summary>The link, or null.</summary>
    public LinkEntry? Link => _entry as LinkEntry;

    /// <summary>The address, or null.</summary>
    public AddressEntry? Address => _entry as AddressEntry;

    /// <summary>The route, or null.</summary>
    public RouteEntry? Route => _entry as RouteEntry;

    /// <summary>The rule, or null.</summary>
    public RuleEntry? Rule => _entry as RuleEntry;

    /// <summary>The neighbour, or null.</summary>
    public NeighbourEntry? Neighbour => _entry as NeighbourEntry;

    /// <summary>The forwarding entry, or null.</summary>
    public FdbEntry? Fdb => _entry as FdbEntry;

    /// <summary>Reads a notification; false when it is of another kind, broken, or of a cached route.</summary>
    public static bool TryParse(in NetlinkMessage message, out RtnetlinkEvent value)
    {
        object? entry = message.Type switch
        {
            RTM_NEWLINK or RTM_DELLINK => LinkEntry.TryRead(message, out LinkEntry? link) ? link : null,
            RTM_NEWADDR or RTM_DELADDR => AddressEntry.TryRead(message, out AddressEntry? address) ? address : null,
            RTM_NEWROUTE or RTM_DELROUTE => RouteEntry.TryRead(message, out RouteEntry? route) ? route : null,
            RTM_NEWRULE or RTM_DELRULE => RuleEntry.TryRead(message, out RuleEntry? rule) ? rule : null,
            RTM_NEWNEIGH or RTM_DELNEIGH => FdbEntry.TryRead(message, out FdbEntry? fdb) ? fdb
                : NeighbourEntry.TryRead(message, out NeighbourEntry? neighbour) ? neighbour : null,
            _ => null,
        };

        // RTM_NEW* is a multiple of 4, RTM_DEL* follows it.
        value = new RtnetlinkEvent((message.Type & 3) == 0 ? RtnetlinkEventKind.Set : RtnetlinkEventKind.Removed, entry);
        return entry is not null;
    }

    /// <summary>For messages.</summary>
    public override string ToString() => Kind == RtnetlinkEventKind.Overrun ? "Overrun" : $"{Kind} {_entry}";
}
