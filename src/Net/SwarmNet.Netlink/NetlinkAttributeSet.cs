namespace SwarmNet.Netlink;

/// <summary>
/// What the attributes of one kind of message, or inside one nested attribute, are called: lets an error name the attribute that the
/// kernel refused. Attributes that are not listed are named by their number.
/// </summary>
public sealed class NetlinkAttributeSet
{
    private readonly Dictionary<ushort, Entry> _entries = [];

    /// <summary>Creates a set.</summary>
    /// <param name="headerBytes">Bytes before the first attribute, without the nlmsghdr (ifinfomsg: 16); 0 inside most nests.</param>
    public NetlinkAttributeSet(int headerBytes = 0) => HeaderBytes = headerBytes;

    /// <summary>Bytes before the first attribute.</summary>
    internal int HeaderBytes { get; }

    /// <summary>Adds an attribute.</summary>
    /// <param name="type">Its number.</param>
    /// <param name="name">The name in the kernel's header.</param>
    /// <param name="nested">What is inside, when it is a nest.</param>
    public NetlinkAttributeSet Add(ushort type, string name, NetlinkAttributeSet? nested = null)
    {
        _entries.Add(type, new Entry(name, nested, 0, null));
        return this;
    }

    /// <summary>Adds a nest whose content is chosen by the string in a sibling before it (IFLA_INFO_DATA by IFLA_INFO_KIND).</summary>
    /// <param name="type">Its number.</param>
    /// <param name="name">The name in the kernel's header.</param>
    /// <param name="selector">Number of the sibling.</param>
    /// <param name="choose">The set for a value of the sibling, or null.</param>
    public NetlinkAttributeSet AddSelected(ushort type, string name, ushort selector, Func<string, NetlinkAttributeSet?> choose)
    {
        _entries.Add(type, new Entry(name, null, selector, choose));
        return this;
    }

    internal string NameOf(ushort type) => _entries.TryGetValue(type, out Entry entry) ? entry.Name : $"attribute {type}";

    /// <summary>The set inside the attribute <paramref name="type"/>; an empty one when nothing is known about it.</summary>
    internal NetlinkAttributeSet NestedIn(ushort type, NetlinkAttributeReader siblings)
    {
        NetlinkAttributeSet? nested = null;
        if (_entries.TryGetValue(type, out Entry entry))
        {
            nested = entry.Choose is null ? entry.Nested
                : siblings.TryFind(entry.Selector, out NetlinkAttribute selector) ? entry.Choose(selector.GetString()) : null;
        }

        return nested ?? Unknown;
    }

    private static NetlinkAttributeSet Unknown { get; } = new();

    private readonly record struct Entry(string Name, NetlinkAttributeSet? Nested, ushort Selector, Func<string, NetlinkAttributeSet?>? Choose);
}
