using static SwarmNet.Netlink.Route.RouteConstants;

namespace SwarmNet.Netlink.Route;

/// <summary>The number by which one namespace calls another, as in <see cref="LinkEntry.LinkNamespaceId"/>.</summary>
/// <param name="Id">The number; -1 = none.</param>
public readonly record struct NamespaceIdEntry(int Id)
{
    /// <summary>Reads an RTM_NEWNSID message; false when it is none or broken.</summary>
    public static bool TryParse(in NetlinkMessage message, out NamespaceIdEntry entry)
    {
        entry = default;
        if (message.Type != RTM_NEWNSID || !message.Attributes(RtGenMsgLength).TryFind(NETNSA_NSID, out NetlinkAttribute id) || !id.TryRead(out int value))
        {
            return false;
        }

        entry = new NamespaceIdEntry(value);
        return true;
    }
}
