namespace SwarmNet.Overlay;

/// <summary>What a data plane needs of the kernel.</summary>
/// <param name="Name">As its users call it.</param>
/// <param name="Config">The kernel's build option.</param>
/// <param name="Module">The module that has it.</param>
public sealed record KernelFeature(string Name, string Config, string Module)
{
    /// <summary>Pairs of interfaces.</summary>
    public static readonly KernelFeature Veth = new("veth", "CONFIG_VETH", "veth");

    /// <summary>Ethernet bridges.</summary>
    public static readonly KernelFeature Bridge = new("bridge", "CONFIG_BRIDGE", "bridge");

    /// <summary>VXLAN tunnels.</summary>
    public static readonly KernelFeature Vxlan = new("vxlan", "CONFIG_VXLAN", "vxlan");

    /// <summary>Address translation by nf_tables.</summary>
    public static readonly KernelFeature NfTablesNat = new("nf_tables NAT", "CONFIG_NFT_NAT", "nft_chain_nat");

    /// <inheritdoc/>
    public override string ToString() =>
        $"the kernel has no {Name} support ({Config}): load it with \"modprobe {Module}\", or use a kernel that has it";
}
