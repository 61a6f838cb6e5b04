using System.Text.Json;
using System.Text.Json.Nodes;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Commands.Flags;
using SwarmNet.Cli.Formatting;
using SwarmNet.Cli.Specs;
using SwarmNet.Cli.Templates;
using SwarmNet.EngineApi.Client;

namespace SwarmNet.Cli.Commands;

/// <summary><c>swarm node ...</c>.</summary>
internal static class NodeCommands
{
    private const int ChangeAttempts = 5;
    private const string Table = "{{.ID}}{{if .Self}} *{{else}}  {{end}}\t{{.Hostname}}\t{{.Status}}\t{{.Availability}}\t{{.ManagerStatus}}\t{{.EngineVersion}}";

    private static readonly GoType s_type = new("swarm.Node", "ID", "Meta", "Version", "CreatedAt", "UpdatedAt", "Spec", "Description", "Status", "ManagerStatus");

    public static Command Group => new()
    {
        Use = "node",
        Short = "Manage Swarm nodes",
        Commands =
        [
            new Command
            {
                Use = "demote NODE [NODE...]", Short = "Demote one or more nodes from manager in the swarm", Arguments = ArgumentCount.AtLeast(1),
                Run = invocation => ChangeRole(invocation, "worker"), Complete = Hostnames,
            },
            new Command
            {
                Use = "inspect [OPTIONS] self|NODE [NODE...]", Short = "Display detailed information on one or more nodes",
                Arguments = ArgumentCount.AtLeast(1), Flags = NodeFlags.Inspect, Run = Inspect, Complete = context => Hostnames(context).Append("self"),
            },
            new Command
            {
                Use = "ls [OPTIONS]", Aliases = ["list"], Short = "List nodes in the swarm", Arguments = ArgumentCount.None, Flags = NodeFlags.Ls, Run = Ls,
                Example = "{0} node ls --filter role=manager",
            },
            new Command
            {
                Use = "promote NODE [NODE...]", Short = "Promote one or more nodes to manager in the swarm", Arguments = ArgumentCount.AtLeast(1),
                Run = invocation => ChangeRole(invocation, "manager"), Complete = Hostnames,
            },
            new Command
            {
                Use = "ps [OPTIONS] [NODE...]", Short = "List tasks running on one or more nodes, defaults to current node", Flags = NodeFlags.Ps, Run = Ps,
                Complete = Hostnames,
            },
            new Command
            {
                Use = "rm [OPTIONS] NODE [NODE...]", Aliases = ["remove"], Short = "Remove one or more nodes from the swarm",
                Arguments = ArgumentCount.AtLeast(1), Flags = NodeFlags.Rm, Complete = Hostnames,
                Run = invocation => Each.Run(invocation, name =>
                {
                    invocation.Context.Client.Delete($"/nodes/{Query.Escape(name)}{(invocation.Flags.IsSet("force") ? "?force=1" : "")}");
                    return name;
                }),
            },
            new Command
            {
                Use = "update [OPTIONS] NODE", Short = "Update a node", Arguments = ArgumentCount.Exactly(1), Flags = NodeFlags.Update, Run = Update,
                Example = "{0} node update --availability drain node2\n{0} node update --label-add zone=a node2", Complete = Hostnames,
            },
        ],
    };

    /// <summary>The ID behind <c>self</c>; any other reference as it is.</summary>
    public static string Reference(Engine client, string reference)
    {
        if (reference != "self")
        {
            return reference;
        }

        var id = client.Get("/info").Text("Swarm", "NodeID");
        if (id.Length == 0)
        {
            // Not in a swarm: the refusal of the node list says what to do.
            client.Get("/nodes");
            throw new CliException("node ID not found in /info");
        }

        return id;
    }

    internal static IEnumerable<string> Hostnames(CliContext context) =>
        context.Client.Get("/nodes").Items().Select(node => node.Text("Description", "Hostname"));

    private static int Ls(Invocation invocation)
    {
        var client = invocation.Context.Client;
        var quiet = invocation.Flags.IsSet("quiet");
        var nodes = client.Get(Filters.FromFlag(invocation.Flags).AppendTo("/nodes")).Items()
            .OrderBy(node => node.Text("Description", "Hostname"), NaturalOrder.Instance).ToList();
        var self = "";
        var root = "";
        if (nodes.Count > 0 && !quiet)
        {
            var info = client.Get("/info").At("Swarm");
            self = info.Text("NodeID");
            root = info.At("Cluster", "TLSInfo").Exists ? info.At("Cluster", "TLSInfo").Raw() : "";
        }

        var format = invocation.Flags.Text("format");
        ListFormat.Write(
            invocation, quiet && ListFormat.IsTable(format) ? "{{.ID}}" : format, Table,
            new Dictionary<string, string>
            {
                ["ID"] = "ID",
                ["Self"] = "",
                ["Hostname"] = "HOSTNAME",
                ["Status"] = "STATUS",
                ["Availability"] = "AVAILABILITY",
                ["ManagerStatus"] = "MANAGER STATUS",
                ["EngineVersion"] = "ENGINE VERSION",
                ["TLSStatus"] = "TLS STATUS",
            },
            nodes.Select(node => Row(node, self, root)));
        return 0;
    }

    private static TemplateRow Row(Json node, string self, string root)
    {
        var tls = node.At("Description", "TLSInfo");
        return new TemplateRow("*node.nodeContext")
        {
            ["ID"] = node.Text("ID"),
            ["Self"] = node.Text("ID") == self,
            ["Hostname"] = node.Text("Description", "Hostname"),
            ["Status"] = GoText.Pretty(node.Text("Status", "State")),
            ["Availability"] = GoText.Pretty(node.Text("Spec", "Availability")),
            ["ManagerStatus"] = !node.At("ManagerStatus").Exists ? ""
                : node.IsTrue("ManagerStatus", "Leader") ? "Leader" : GoText.Pretty(node.Text("ManagerStatus", "Reachability")),
            ["EngineVersion"] = node.Text("Description", "Engine", "EngineVersion"),
            ["TLSStatus"] = root.Length == 0 || !tls.Exists ? "Unknown" : tls.Raw() == root ? "Ready" : "Needs Rotation",
        };
    }

    private static int Inspect(Invocation invocation)
    {
        var client = invocation.Context.Client;
        var pretty = invocation.Flags.IsSet("pretty");
        if (pretty && invocation.Flags.Text("format").Length > 0)
        {
            throw new CliException("--format is incompatible with human friendly format");
        }

        byte[] Fetch(string name) => client.GetBytes($"/nodes/{Query.Escape(Reference(client, name))}");
        if (!pretty)
        {
            return InspectFormat.Write(invocation, invocation.Args, s_type, Fetch);
        }

        return Each.Run(invocation, name =>
        {
            NodePretty.Write(invocation.Out, Json.Parse(Fetch(name)));
            return null;
        });
    }

    private static int Ps(Invocation invocation)
    {
        var client = invocation.Context.Client;
        var errors = new List<string>();
        var tasks = new List<Json>();
        foreach (var name in invocation.Args.Count == 0 ? ["self"] : invocation.Args)
        {
            try
            {
                var node = client.Get($"/nodes/{Query.Escape(Reference(client, name))}");
                tasks.AddRange(client.Get(Filters.FromFlag(invocation.Flags).Add("node", node.Text("ID")).AppendTo("/tasks")).Items());
            }
            catch (EngineException error)
            {
                errors.Add(CommandRunner.Describe(error));
            }
        }

        if (errors.Count == 0 || tasks.Count > 0)
        {
            TaskList.Write(invocation, tasks);
        }

        return errors.Count == 0 ? 0 : throw new CliException(string.Join('\n', errors));
    }

    private static int Update(Invocation invocation)
    {
        var flags = invocation.Flags;
        Change(invocation, invocation.Args[0], spec =>
        {
            if (flags.Changed("role"))
            {
                spec["Role"] = flags.Text("role").ToLowerInvariant();
            }

            if (flags.Changed("availability"))
            {
                spec["Availability"] = flags.Text("availability").ToLowerInvariant();
            }

            var labels = spec.Child("Labels");
            foreach (var label in flags.List("label-add"))
            {
                labels[KeyValue.Cut(label, out var value)] = value ?? "";
            }

            foreach (var key in flags.List("label-rm"))
            {
                if (!labels.Remove(key))
                {
                    throw new CliException($"key {key} doesn't exist in node's labels");
                }
            }

            return true;
        });
        invocation.Out.WriteLine(invocation.Args[0]);
        return 0;
    }

    private static int ChangeRole(Invocation invocation, string role)
    {
        foreach (var name in invocation.Args)
        {
            // The message for a node that has the role already carries its ID, as Docker's does.
            var id = Change(invocation, name, spec =>
            {
                var changes = (string?)spec["Role"] != role;
                spec["Role"] = role;
                return changes;
            });
            invocation.Out.WriteLine(id is not null ? $"Node {id} is already a {role}."
                : role == "manager" ? $"Node {name} promoted to a manager in the swarm." : $"Manager {name} demoted in the swarm.");
        }

        return 0;
    }

    /// <summary>
    /// Updates a node's spec; null, or the node's ID when there was nothing to change. Managers write to nodes at any time (who leads, who can be
    /// reached): what came in between makes it read the node again.
    /// </summary>
    private static string? Change(Invocation invocation, string name, Func<JsonObject, bool> change)
    {
        var client = invocation.Context.Client;
        for (var attempt = 1; ; attempt++)
        {
            var node = client.Get($"/nodes/{Query.Escape(name)}");
            var spec = node.At("Spec").ToNode();
            if (!change(spec))
            {
                return node.Text("ID");
            }

            try
            {
                client.Post($"/nodes/{node.Text("ID")}/update?version={node.Number("Version", "Index")}", spec);
                return null;
            }
            catch (EngineException error) when (attempt < ChangeAttempts && error.Message.EndsWith("update out of sequence", StringComparison.Ordinal))
            {
            }
        }
    }
}
