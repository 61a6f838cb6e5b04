using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Commands.Flags;
using SwarmNet.Cli.Commands.Progress;
using SwarmNet.Cli.Formatting;
using SwarmNet.Cli.Specs;
using SwarmNet.Cli.Templates;
using SwarmNet.EngineApi.Client;

namespace SwarmNet.Cli.Commands;

/// <summary><c>swarm service ...</c>.</summary>
internal static class ServiceCommands
{
    private static readonly GoType s_type = new(
        "swarm.Service", "ID", "Meta", "Version", "CreatedAt", "UpdatedAt", "Spec", "PreviousSpec", "Endpoint", "UpdateStatus", "ServiceStatus", "JobStatus");

    public static Command Group => new()
    {
        Use = "service",
        Short = "Manage Swarm services",
        Commands =
        [
            new Command
            {
                Use = "create [OPTIONS] IMAGE [COMMAND] [ARG...]", Short = "Create a new service", Arguments = ArgumentCount.AtLeast(1), Interspersed = false,
                Flags = ServiceFlags.Create, Run = Create,
                Example = "{0} service create --name web --replicas 3 --publish 8080:80 busybox httpd -f -p 80\n"
                    + "{0} service create --name agent --mode global --network back busybox sleep 1000",
            },
            new Command
            {
                Use = "inspect [OPTIONS] SERVICE [SERVICE...]", Short = "Display detailed information on one or more services",
                Arguments = ArgumentCount.AtLeast(1), Flags = ServiceFlags.Inspect, Run = Inspect, Complete = ServiceNames,
            },
            new Command
            {
                Use = "logs [OPTIONS] SERVICE|TASK", Short = "Fetch the logs of a service or task", Arguments = ArgumentCount.Exactly(1),
                Flags = ServiceFlags.Logs, Run = ServiceLogs.Run, Complete = ServiceNames, Example = "{0} service logs --follow --tail 10 web",
            },
            new Command
            {
                Use = "ls [OPTIONS]", Aliases = ["list"], Short = "List services", Arguments = ArgumentCount.None, Flags = ServiceFlags.Ls,
                Run = ServiceList.Run, Example = "{0} service ls --filter mode=global --format '{{.Name}} {{.Replicas}}'",
            },
            new Command
            {
                Use = "ps [OPTIONS] SERVICE [SERVICE...]", Short = "List the tasks of one or more services", Arguments = ArgumentCount.AtLeast(1),
                Flags = ServiceFlags.Ps, Run = Ps, Complete = ServiceNames, Example = "{0} service ps --no-trunc --filter desired-state=running web",
            },
            new Command
            {
                Use = "rm SERVICE [SERVICE...]", Aliases = ["remove"], Short = "Remove one or more services", Arguments = ArgumentCount.AtLeast(1),
                Complete = ServiceNames,
                Run = invocation => Each.Run(invocation, name =>
                {
                    invocation.Context.Client.Delete($"/services/{Query.Escape(name)}");
                    return name;
                }),
            },
            new Command
            {
                Use = "rollback [OPTIONS] SERVICE", Short = "Revert changes to a service's configuration", Arguments = ArgumentCount.Exactly(1),
                Flags = ServiceFlags.Rollback, Run = Rollback, Complete = ServiceNames,
            },
            new Command
            {
                Use = "scale SERVICE=REPLICAS [SERVICE=REPLICAS...]", Short = "Scale one or multiple replicated services",
                Arguments = ArgumentCount.AtLeast(1), Flags = ServiceFlags.Scale, Run = Scale, Example = "{0} service scale web=5 api=2",
                Complete = context => ServiceNames(context).Select(name => name + "="),
            },
            new Command
            {
                Use = "update [OPTIONS] SERVICE", Short = "Update a service", Arguments = ArgumentCount.Exactly(1), Flags = ServiceFlags.Update, Run = Update,
                Complete = ServiceNames, Example = "{0} service update --image busybox:1.36 --update-parallelism 2 web\n{0} service update --rollback web",
            },
        ],
    };

    internal static IEnumerable<string> ServiceNames(CliContext context) =>
        context.Client.Get("/services").Items().Select(service => service.Text("Spec", "Name"));

    /// <summary>The service by name or ID. Docker's CLI asks without defaults filled in.</summary>
    internal static Json Get(Engine client, string name, bool insertDefaults = false) =>
        client.Get($"/services/{Query.Escape(name)}?insertDefaults={(insertDefaults ? "true" : "false")}");

    private static int Create(Invocation invocation)
    {
        var client = invocation.Context.Client;
        var spec = new ServiceSpecBuilder(invocation, client).Build();
        var unpinned = invocation.Flags.IsSet("no-resolve-image") ? null : ImagePin.Pin(invocation, spec);
        var created = client.Post("/services/create", spec, Credentials(invocation, spec));
        PrintWarnings(invocation, created, unpinned);

        var id = created.Text("ID");
        invocation.Out.WriteLine(id);
        return invocation.Flags.IsSet("detach") ? 0 : ServiceProgress.Wait(invocation.Context, id, invocation.Flags.IsSet("quiet"));
    }

    private static int Inspect(Invocation invocation)
    {
        var client = invocation.Context.Client;
        var pretty = invocation.Flags.IsSet("pretty");
        if (pretty && invocation.Flags.Text("format").Length > 0)
        {
            throw new CliException("--format is incompatible with human friendly format");
        }

        byte[] Fetch(string name)
        {
            try
            {
                return client.GetBytes($"/services/{Query.Escape(name)}?insertDefaults=true");
            }
            catch (EngineException error) when (error.Status == 404)
            {
                throw new CliException($"Error: no such service: {name}");
            }
        }

        if (!pretty)
        {
            return InspectFormat.Write(invocation, invocation.Args, s_type, Fetch);
        }

        var names = new Names(client, resolve: true);
        return Each.Run(invocation, name =>
        {
            new ServicePretty(invocation.Out, Json.Parse(Fetch(name)), names, invocation.Context.Time.GetUtcNow()).Write();
            return "";
        });
    }

    private static int Ps(Invocation invocation)
    {
        var client = invocation.Context.Client;
        var byId = new Filters();
        var byName = new Filters();
        foreach (var name in invocation.Args)
        {
            byId.Add("id", name);
            byName.Add("name", name);
        }

        var services = client.Get(byId.AppendTo("/services")).Items().Concat(client.Get(byName.AppendTo("/services")).Items())
            .DistinctBy(service => service.Text("ID")).ToList();
        var filters = Filters.FromFlag(invocation.Flags);
        var missing = new List<string>();
        var found = 0;
        foreach (var name in invocation.Args)
        {
            if (Find(services, name) is { } id)
            {
                filters.Add("service", id);
                found++;
            }
            else
            {
                missing.Add($"no such service: {name}");
            }
        }

        if (found > 0)
        {
            if (filters.Get("node").Count > 0)
            {
                var nodes = filters.Get("node").ToList();
                filters.Remove("node");
                nodes.ForEach(node => filters.Add("node", NodeCommands.Reference(client, node)));
            }

            TaskList.Write(invocation, [.. client.Get(filters.AppendTo("/tasks")).Items()]);
        }

        return missing.Count == 0 ? 0 : throw new CliException(string.Join('\n', missing));
    }

    private static string? Find(List<Json> services, string name)
    {
        foreach (var service in services)
        {
            if (service.Text("ID") == name)
            {
                return name;
            }
        }

        foreach (var service in services)
        {
            if (service.Text("Spec", "Name") == name)
            {
                return service.Text("ID");
            }
        }

        var byPrefix = services.Where(service => service.Text("ID").StartsWith(name, StringComparison.Ordinal)).ToList();
        return byPrefix.Count switch
        {
            0 => null,
            1 => byPrefix[0].Text("ID"),
            _ => throw new CliException($"multiple services found with provided prefix: {name}"),
        };
    }

    private static int Rollback(Invocation invocation) => SendRollback(invocation, invocation.Args[0], query: "rollback=previous&");

    private static int SendRollback(Invocation invocation, string name, string query)
    {
        var client = invocation.Context.Client;
        var service = Get(client, name);
        PrintWarnings(invocation, client.Post($"/services/{service.Text("ID")}/update?{query}version={service.Number("Version", "Index")}", service.At("Spec").ToNode()));
        invocation.Out.WriteLine(name);
        return invocation.Flags.IsSet("detach") ? 0 : ServiceProgress.Wait(invocation.Context, name, invocation.Flags.IsSet("quiet"));
    }

    private static int Update(Invocation invocation)
    {
        var flags = invocation.Flags;
        var name = invocation.Args[0];
        if (flags.IsSet("rollback"))
        {
            if (flags.All.Any(flag => flag.Name is not ("rollback" or "detach" or "quiet") && flags.Changed(flag.Name)))
            {
                throw new CliException("other flags may not be combined with --rollback");
            }

            return SendRollback(invocation, name, "rollback=previous&");
        }

        var client = invocation.Context.Client;
        var service = Get(client, name);
        var spec = service.At("Spec").ToNode();
        new ServiceSpecUpdater(invocation, client, spec).Apply();
        var unpinned = flags.Changed("image") && !flags.IsSet("no-resolve-image") ? ImagePin.Pin(invocation, spec) : null;
        var auth = flags.IsSet("with-registry-auth") ? "" : "registryAuthFrom=spec&";
        PrintWarnings(invocation, client.Post($"/services/{service.Text("ID")}/update?{auth}version={service.Number("Version", "Index")}", spec, Credentials(invocation, spec)), unpinned);
        invocation.Out.WriteLine(name);
        return flags.IsSet("detach") ? 0 : ServiceProgress.Wait(invocation.Context, name, flags.IsSet("quiet"));
    }

    private static int Scale(Invocation invocation)
    {
        var wanted = new List<(string Name, string Count)>();
        foreach (var argument in invocation.Args)
        {
            var name = KeyValue.Cut(argument, out var count);
            if (name.Length == 0 || string.IsNullOrEmpty(count))
            {
                throw new CliException(
                    $"invalid scale specifier '{argument}'.\nSee '{invocation.Path} --help'.\n\nUsage:  {invocation.UseLine}\n\n{invocation.Command.Short}");
            }

            wanted.Add((name, count));
        }

        var errors = new List<string>();
        var scaled = new List<string>();
        foreach (var (name, count) in wanted)
        {
            try
            {
                ScaleOne(invocation, name, GoNumber.ParseUInt(count));
                scaled.Add(name);
                invocation.Out.WriteLine($"{name} scaled to {count}");
            }
            catch (FormatException error)
            {
                errors.Add($"{name}: invalid replicas value {count}: {error.Message}");
            }
            catch (EngineException error)
            {
                errors.Add($"{name}: {CommandRunner.Describe(error)}");
            }
            catch (CliException error)
            {
                errors.Add($"{name}: {error.Message}");
            }
        }

        if (!invocation.Flags.IsSet("detach"))
        {
            foreach (var name in scaled)
            {
                try
                {
                    ServiceProgress.Wait(invocation.Context, name, quiet: false);
                }
                catch (CliException error)
                {
                    errors.Add($"{name}: {error.Message}");
                }
            }
        }

        return errors.Count == 0 ? 0 : throw new CliException(string.Join('\n', errors));
    }

    private static void ScaleOne(Invocation invocation, string name, ulong count)
    {
        var client = invocation.Context.Client;
        var service = Get(client, name);
        var spec = service.At("Spec").ToNode();
        var mode = spec.Child("Mode");
        if (mode["Replicated"] is JsonObject replicated)
        {
            replicated["Replicas"] = count;
        }
        else if (mode["ReplicatedJob"] is JsonObject job)
        {
            job["TotalCompletions"] = count;
        }
        else
        {
            throw new CliException("scale can only be used with replicated or replicated-job mode");
        }

        PrintWarnings(invocation, client.Post(
            string.Create(CultureInfo.InvariantCulture, $"/services/{service.Text("ID")}/update?version={service.Number("Version", "Index")}"), spec));
    }

    /// <summary>With <c>--with-registry-auth</c>, the credentials that the nodes shall pull the image with.</summary>
    private static KeyValuePair<string, string>[] Credentials(Invocation invocation, JsonObject spec) =>
        invocation.Flags.IsSet("with-registry-auth") ? RegistryAuth.Headers((string?)spec["TaskTemplate"]?["ContainerSpec"]?["Image"] ?? "") : [];

    private static void PrintWarnings(Invocation invocation, Json answer, string? own = null)
    {
        if (own is not null)
        {
            invocation.Error.WriteLine(own);
        }

        foreach (var warning in answer.Items("Warnings"))
        {
            invocation.Error.WriteLine(warning.Text());
        }
    }
}
