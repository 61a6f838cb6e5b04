using SwarmNet.Cli.CommandLine;

namespace SwarmNet.Cli.Commands.Flags;

/// <summary>Flags of the network commands: names, defaults and help texts of Docker's CLI.</summary>
internal static class NetworkFlags
{
    public static void Create(FlagSet flags)
    {
        flags.Bool("attachable", "", "Enable manual container attachment");
        flags.Add("aux-address", "", FlagKind.Map, "map", "Auxiliary IPv4 or IPv6 addresses used by Network driver (default map[])");
        flags.Add("config-from", "", FlagKind.Text, "string", "The network from which to copy the configuration");
        flags.Bool("config-only", "", "Create a configuration only network");
        flags.Add("driver", "d", FlagKind.Text, "string", "Driver to manage the Network (default \"bridge\")", "bridge");
        flags.Add("gateway", "", FlagKind.Strings, "strings", "IPv4 or IPv6 Gateway for the master subnet");
        flags.Bool("ingress", "", "Create swarm routing-mesh network");
        flags.Bool("internal", "", "Restrict external access to the network");
        flags.Add("ip-range", "", FlagKind.Strings, "strings", "Allocate container ip from a sub-range");
        flags.Add("ipam-driver", "", FlagKind.Text, "string", "IP Address Management Driver (default \"default\")", "default");
        flags.Add("ipam-opt", "", FlagKind.Map, "map", "Set IPAM driver specific options (default map[])");
        flags.Bool("ipv4", "", "Enable or disable IPv4 address assignment (default true)", true);
        flags.Bool("ipv6", "", "Enable or disable IPv6 address assignment");
        flags.Add("label", "", FlagKind.List, "list", "Set metadata on a network", check: FlagChecks.Label);
        flags.Add("opt", "o", FlagKind.Map, "map", "Set driver specific options (default map[])");
        flags.Add("scope", "", FlagKind.Text, "string", "Control the network's scope");
        flags.Add("subnet", "", FlagKind.Strings, "strings", "Subnet in CIDR format that represents a network segment");
    }

    public static void Ls(FlagSet flags)
    {
        flags.Add("filter", "f", FlagKind.List, "filter", "Provide filter values (e.g. \"driver=bridge\")", check: FlagChecks.Filter);
        flags.Add("format", "", FlagKind.Text, "string", FlagTexts.ListFormat);
        flags.Bool("no-trunc", "", "Do not truncate the output");
        flags.Bool("quiet", "q", "Only display network IDs");
    }

    public static void Inspect(FlagSet flags)
    {
        flags.Add("format", "f", FlagKind.Text, "string", FlagTexts.InspectFormat);
        flags.Bool("verbose", "v", "Verbose output for diagnostics");
    }

    public static void Rm(FlagSet flags)
    {
        flags.Bool("force", "f", "Do not error if the network does not exist");
    }

    public static void Prune(FlagSet flags)
    {
        flags.Add("filter", "", FlagKind.List, "filter", "Provide filter values (e.g. \"until=<timestamp>\")", check: FlagChecks.Filter);
        flags.Bool("force", "f", "Do not prompt for confirmation");
    }

    public static void Connect(FlagSet flags)
    {
        flags.Add("alias", "", FlagKind.Strings, "strings", "Add network-scoped alias for the container");
        flags.Add("driver-opt", "", FlagKind.Strings, "strings", "driver options for the network");
        flags.Add(
            "gw-priority", "", FlagKind.Int, "int",
            "Highest gw-priority provides the default gateway. Accepts positive and negative values.");
        flags.Add("ip", "", FlagKind.Text, "string", "IPv4 address (e.g., \"172.30.100.104\")");
        flags.Add("ip6", "", FlagKind.Text, "string", "IPv6 address (e.g., \"2001:db8::33\")");
        flags.Add("link", "", FlagKind.List, "list", "Add link to another container");
        flags.Add("link-local-ip", "", FlagKind.Strings, "strings", "Add a link-local address for the container");
    }

    public static void Doctor(FlagSet flags)
    {
        flags.Bool("repair", "", "Put differences right");
        flags.Bool("quiet", "q", "Only display differences");
    }

    public static void Disconnect(FlagSet flags)
    {
        flags.Bool("force", "f", "Force the container to disconnect from a network");
    }
}
