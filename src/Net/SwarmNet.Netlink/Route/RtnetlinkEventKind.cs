namespace SwarmNet.Netlink.Route;

/// <summary>What happened.</summary>
public enum RtnetlinkEventKind
{
    /// <summary>Notifications were lost: list everything again. The event has no entry.</summary>
    Overrun,

    /// <summary>The entry was added or changed (RTM_NEW*).</summary>
    Set,

    /// <summary>The entry was removed (RTM_DEL*).</summary>
    Removed,
}
