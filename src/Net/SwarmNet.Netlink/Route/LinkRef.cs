namespace SwarmNet.Netlink.Route;

/// <summary>Names a link by index or by name; both convert implicitly.</summary>
public readonly record struct LinkRef
{
    private LinkRef(int index, string? name)
    {
        Index = index;
        Name = name;
    }

    /// <summary>The interface index, 0 when it is named by <see cref="Name"/>.</summary>
    public int Index { get; }

    /// <summary>The name, null when it is given by <see cref="Index"/>.</summary>
    public string? Name { get; }

    /// <summary>By interface index.</summary>
    public static LinkRef FromInt32(int index) => new(index, null);

    /// <summary>By name.</summary>
    public static LinkRef FromString(string name) => new(0, name);

    /// <summary>By interface index.</summary>
    public static implicit operator LinkRef(int index) => FromInt32(index);

    /// <summary>By name.</summary>
    public static implicit operator LinkRef(string name) => FromString(name);

    /// <summary>For messages.</summary>
    public override string ToString() => Name ?? $"#{Index}";
}
