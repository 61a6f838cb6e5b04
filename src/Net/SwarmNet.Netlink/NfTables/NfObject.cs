namespace SwarmNet.Netlink.NfTables;

/// <summary>A named object of a table, which rules use by name (<see cref="NfRule.Object"/>) or through a map (<see cref="NfRule.ObjectOf"/>).</summary>
/// <param name="Name">Name, unique among the table's objects of its type.</param>
public abstract partial record NfObject(string Name)
{
    /// <summary>Its kind.</summary>
    public abstract NfObjectType Type { get; }

    /// <summary>The attributes inside NFTA_OBJ_DATA.</summary>
    internal abstract void PutData(NetlinkWriter writer);
}
