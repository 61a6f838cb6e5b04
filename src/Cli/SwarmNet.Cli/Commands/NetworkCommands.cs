using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Commands.Flags;
using SwarmNet.Cli.Formatting;
using SwarmNet.Cli.Specs;
using SwarmNet.Cli.Templates;
using SwarmNet.EngineApi.Client;

namespace SwarmNet.Cli.Commands;

/// <summary><c>swarm network ...</c>.</summary>
internal static class NetworkCommands
{
    private const string IngressWarning =
        "WARNING! Before removing the routing-mesh network, make sure all the nodes in your swarm run the same docker engine version. "
        + "Otherwise, removal may not be effective and functionality of newly create ingress networks will be impaired.\n"
        + "Are you sure you want to continue? [y/N] ";

    private static readonly Dictionary<string, string> s_headers = new()
    {
        ["ID"] = "NETWORK ID",
        ["Name"] = "NAME",
        ["Driver"] = "DRIVER",
        ["Scope"] = "SCOPE",
        ["IPv4"] = "IPV4",
        ["IPv6"] = "IPV6",
        ["Internal"] = "INTERNAL",
        ["Labels"] = "LABELS",
        ["CreatedAt"] = "CREATED AT",
    };

    public static Command Group => new()
    {
        Use = "network",
        Short = "Manage networks",
        Commands =
        [
            new Command
            {
                Use = "connect [OPTIONS] NETWORK CONTAINER", Short = "Connect a container to a network", Arguments = ArgumentCount.Exactly(2),
                Flags = NetworkFlags.Connect, Run = Connect, Complete = NetworkNames,
            },
            new Command
            {
                Use = "create [OPTIONS] NETWORK", Short = "Create a network", Arguments = ArgumentCount.Exactly(1), Flags = NetworkFlags.Create, Run = Create,
                Example = "{0} network create --driver overlay --subnet 10.10.0.0/24 back",
            },
            new Command
            {
                Use = "disconnect [OPTIONS] NETWORK CONTAINER", Short = "Disconnect a container from a network", Arguments = ArgumentCount.Exactly(2),
                Flags = NetworkFlags.Disconnect, Complete = NetworkNames,
                Run = invocation =>
                {
                    invocation.Context.Client.Post(
                        $"/networks/{Query.Escape(invocation.Args[0])}/disconnect",
                        new JsonObject { ["Container"] = invocation.Args[1], ["Force"] = invocation.Flags.IsSet("force") });
                    return 0;
                },
            },
            new Command
            {
                Use = "doctor [OPTIONS]", Short = "Compare this node's networks with its kernel, and repair differences", Arguments = ArgumentCount.None,
                Flags = NetworkFlags.Doctor, Run = NetworkDoctor.Run,
                Long = "Compare this node's networks with its kernel, and repair differences.\n"
                    + "What they should be is compared with what the kernel has: links, addresses, routes, neighbours, forwarding\nentries, settings, "
                    + "and the tables of load balancing, published ports, name service and encryption. Each node answers for itself:\nrun the command on the node in question.\n"
                    + "Every node also repairs itself all the time; what is found here has happened since its last pass, or cannot be repaired.",
                Example = "{0} network doctor\n{0} network doctor --repair",
            },
            new Command
            {
                Use = "inspect [OPTIONS] NETWORK [NETWORK...]", Short = "Display detailed information on one or more networks",
                Arguments = ArgumentCount.AtLeast(1), Flags = NetworkFlags.Inspect, Complete = NetworkNames,
                Run = invocation => InspectFormat.Write(invocation, invocation.Args, null, name => invocation.Context.Client.GetBytes(
                    $"/networks/{Query.Escape(name)}{(invocation.Flags.IsSet("verbose") ? "?verbose=true" : "")}")),
            },
            new Command
            {
                Use = "ls [OPTIONS]", Aliases = ["list"], Short = "List networks", Arguments = ArgumentCount.None, Flags = NetworkFlags.Ls, Run = Ls,
            },
            new Command
            {
                Use = "prune [OPTIONS]", Short = "Remove all unused networks", Arguments = ArgumentCount.None, Flags = NetworkFlags.Prune, Run = Prune,
            },
            new Command
            {
                Use = "rm NETWORK [NETWORK...]", Aliases = ["remove"], Short = "Remove one or more networks", Arguments = ArgumentCount.AtLeast(1),
                Flags = NetworkFlags.Rm, Run = Rm, Complete = NetworkNames,
            },
        ],
    };

    internal static IEnumerable<string> NetworkNames(CliContext context) =>
        context.Client.Get("/networks").Items().Select(network => network.Text("Name"));

    private static int Create(Invocation invocation)
    {
        var flags = invocation.Flags;
        var ipam = new JsonObject
        {
            ["Driver"] = flags.Text("ipam-driver"),
            ["Options"] = KeyValue.ToObject(flags.List("ipam-opt")),
            ["Config"] = IpamConfig(flags),
        };
        var request = new JsonObject
        {
            ["Name"] = invocation.Args[0],
            ["Driver"] = flags.Text("driver"),
            ["Scope"] = flags.Text("scope"),
            ["IPAM"] = ipam,
            ["Internal"] = flags.IsSet("internal"),
            ["Attachable"] = flags.IsSet("attachable"),
            ["Ingress"] = flags.IsSet("ingress"),
            ["ConfigOnly"] = flags.IsSet("config-only"),
            ["ConfigFrom"] = flags.Text("config-from").Length > 0 ? new JsonObject { ["Network"] = flags.Text("config-from") } : null,
            ["Options"] = KeyValue.ToObject(flags.List("opt")),
            ["Labels"] = KeyValue.ToObject(flags.List("label")),
        };
        if (flags.Changed("ipv4"))
        {
            request["EnableIPv4"] = flags.IsSet("ipv4");
        }

        if (flags.Changed("ipv6"))
        {
            request["EnableIPv6"] = flags.IsSet("ipv6");
        }

        var client = invocation.Context.Client;
        if (!client.Supports("1.44"))
        {
            // Old engines allow two networks of one name unless told not to.
            request["CheckDuplicate"] = true;
        }

        var created = client.Post("/networks/create", request);
        invocation.Out.WriteLine(created.Text("Id"));
        return 0;
    }

    /// <summary>Subnets with the ranges, gateways and reserved addresses that lie in them.</summary>
    private static JsonArray IpamConfig(FlagSet flags)
    {
        var subnets = flags.List("subnet");
        var ranges = flags.List("ip-range");
        var gateways = flags.List("gateway");
        if (subnets.Count < ranges.Count || subnets.Count < gateways.Count)
        {
            throw new CliException("every ip-range or gateway must have a corresponding subnet");
        }

        var configs = new Dictionary<string, (IPNetwork Network, JsonObject Config)>(StringComparer.Ordinal);
        foreach (var subnet in subnets)
        {
            var network = ParseSubnet(subnet);
            if (configs.Values.Any(other => other.Network.Contains(network.BaseAddress) || network.Contains(other.Network.BaseAddress)))
            {
                throw new CliException("multiple overlapping subnet configuration is not supported");
            }

            configs.Add(subnet, (network, new JsonObject { ["Subnet"] = subnet }));
        }

        foreach (var range in ranges)
        {
            var config = Of(ParseSubnet(range).BaseAddress) ?? throw new CliException($"no matching subnet for range {range}");
            config["IPRange"] = config.ContainsKey("IPRange") ? throw new CliException($"cannot configure multiple ranges ({range}, {config["IPRange"]}) on the same subnet ({config["Subnet"]})") : range;
        }

        foreach (var gateway in gateways)
        {
            var config = (IPAddress.TryParse(gateway, out var address) ? Of(address) : null) ?? throw new CliException($"no matching subnet for gateway {gateway}");
            config["Gateway"] = config.ContainsKey("Gateway") ? throw new CliException($"cannot configure multiple gateways ({gateway}, {config["Gateway"]}) for the same subnet ({config["Subnet"]})") : gateway;
        }

        foreach (var auxiliary in flags.List("aux-address"))
        {
            var name = KeyValue.Cut(auxiliary, out var text);
            var config = (IPAddress.TryParse(text, out var address) ? Of(address) : null) ?? throw new CliException($"no matching subnet for aux-address {text}");
            config.Child("AuxiliaryAddresses")[name] = text;
        }

        return new JsonArray([.. configs.Values.Select(item => item.Config)]);

        JsonObject? Of(IPAddress address) => configs.Values.FirstOrDefault(item => item.Network.Contains(address)).Config;
    }

    private static IPNetwork ParseSubnet(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0 || !IPAddress.TryParse(text[..slash], out var address) || !int.TryParse(text.AsSpan(slash + 1), out var bits))
        {
            throw new CliException($"invalid CIDR address: {text}");
        }

        // Docker takes 10.0.0.1/24 for 10.0.0.0/24; .NET's parser does not.
        var bytes = address.GetAddressBytes();
        for (var i = 0; i < bytes.Length; i++)
        {
            var keep = Math.Clamp(bits - (i * 8), 0, 8);
            bytes[i] &= (byte)(0xff00 >> keep);
        }

        return bits >= 0 && bits <= bytes.Length * 8 ? new IPNetwork(new IPAddress(bytes), bits) : throw new CliException($"invalid CIDR address: {text}");
    }

    private static int Ls(Invocation invocation)
    {
        var flags = invocation.Flags;
        var truncate = !flags.IsSet("no-trunc");
        var format = flags.Text("format");
        var networks = invocation.Context.Client.Get(Filters.FromFlag(flags).AppendTo("/networks")).Items()
            .OrderBy(network => network.Text("Name"), NaturalOrder.Instance);
        ListFormat.Write(
            invocation, flags.IsSet("quiet") && ListFormat.IsTable(format) ? "{{.ID}}" : format, "{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}", s_headers,
            networks.Select(network => Row(network, truncate)));
        return 0;
    }

    private static TemplateRow Row(Json network, bool truncate) => new("*network.networkContext")
    {
        ["ID"] = truncate ? GoText.ShortId(network.Text("Id")) : network.Text("Id"),
        ["Name"] = network.Text("Name"),
        ["Driver"] = network.Text("Driver"),
        ["Scope"] = network.Text("Scope"),
        ["IPv4"] = network.IsTrue("EnableIPv4") ? "true" : "false",
        ["IPv6"] = network.IsTrue("EnableIPv6") ? "true" : "false",
        ["Internal"] = network.IsTrue("Internal") ? "true" : "false",
        ["Labels"] = Labels.Join(network.At("Labels")),
        ["CreatedAt"] = PrettyTime.GoFormat(network.Text("Created")),
        Labels = Labels.ToDictionary(network.At("Labels")),
    };

    private static int Rm(Invocation invocation)
    {
        var client = invocation.Context.Client;
        var failed = false;
        foreach (var name in invocation.Args)
        {
            try
            {
                var path = $"/networks/{Query.Escape(name)}";
                if (IsIngress(client, path) && !Confirm(invocation, IngressWarning))
                {
                    continue;
                }

                client.Delete(path);
                invocation.Out.WriteLine(name);
            }
            catch (EngineException error) when (error.Status == 404 && invocation.Flags.IsSet("force"))
            {
                // Gone already, which is what was wanted.
            }
            catch (EngineException error)
            {
                invocation.Error.WriteLine(CommandRunner.Describe(error));
                failed = true;
            }
        }

        return failed ? throw new CliException("exit status 1") : 0;
    }

    private static bool IsIngress(Engine client, string path)
    {
        try
        {
            return client.Get(path).IsTrue("Ingress");
        }
        catch (EngineException)
        {
            // The removal tells what is wrong.
            return false;
        }
    }

    private static int Prune(Invocation invocation)
    {
        const string Warning = "WARNING! This will remove all custom networks not used by at least one container.\nAre you sure you want to continue? [y/N] ";
        if (!invocation.Flags.IsSet("force") && !Confirm(invocation, Warning))
        {
            throw new CliException("network prune has been cancelled");
        }

        var deleted = invocation.Context.Client.Post(Filters.FromFlag(invocation.Flags).AppendTo("/networks/prune")).Items("NetworksDeleted")
            .Select(item => item.Text()).ToList();
        if (deleted.Count > 0)
        {
            invocation.Out.Write($"Deleted Networks:\n{string.Join('\n', deleted)}\n\n");
        }

        return 0;
    }

    private static bool Confirm(Invocation invocation, string question)
    {
        invocation.Out.Write(question);
        invocation.Out.Flush();
        using var reader = new StreamReader(invocation.Context.OpenInput());
        return reader.ReadLine()?.Trim().Equals("y", StringComparison.OrdinalIgnoreCase) == true;
    }

    private static int Connect(Invocation invocation)
    {
        var flags = invocation.Flags;
        var endpoint = new JsonObject();
        endpoint.SetList("Aliases", flags.List("alias").Select(alias => (JsonNode?)JsonValue.Create(alias)));
        endpoint.SetList("Links", flags.List("link").Select(link => (JsonNode?)JsonValue.Create(link)));
        if (flags.List("driver-opt").Count > 0)
        {
            endpoint["DriverOpts"] = KeyValue.ToObject(flags.List("driver-opt"));
        }

        if (flags.ChangedAny("ip", "ip6", "link-local-ip"))
        {
            var ipam = endpoint.Child("IPAMConfig");
            ipam["IPv4Address"] = flags.Text("ip");
            ipam["IPv6Address"] = flags.Text("ip6");
            ipam.SetList("LinkLocalIPs", flags.List("link-local-ip").Select(address => (JsonNode?)JsonValue.Create(address)));
        }

        if (flags.Changed("gw-priority"))
        {
            endpoint["GwPriority"] = flags.Int("gw-priority");
        }

        invocation.Context.Client.Post(
            $"/networks/{Query.Escape(invocation.Args[0])}/connect",
            new JsonObject { ["Container"] = invocation.Args[1], ["EndpointConfig"] = endpoint });
        return 0;
    }
}
