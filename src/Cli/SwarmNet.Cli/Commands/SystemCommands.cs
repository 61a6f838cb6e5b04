using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Commands.Flags;
using SwarmNet.Cli.Formatting;
using SwarmNet.Cli.Specs;
using SwarmNet.Cli.Templates;
using SwarmNet.EngineApi.Client;

namespace SwarmNet.Cli.Commands;

/// <summary><c>info</c>, <c>version</c>, <c>events</c>, <c>inspect</c>.</summary>
internal static class SystemCommands
{
    private static readonly (string Type, string Path)[] s_inspectOrder =
    [
        ("container", "/containers/{0}/json"), ("image", "/images/{0}/json"), ("network", "/networks/{0}"), ("volume", "/volumes/{0}"),
        ("service", "/services/{0}?insertDefaults=false"), ("task", "/tasks/{0}"), ("node", "/nodes/{0}"), ("secret", "/secrets/{0}"), ("config", "/configs/{0}"),
    ];

    public static Command Group => new()
    {
        Use = "system",
        Short = "Manage the node's engine",
        Commands = [Events, Info],
    };

    public static Command Info => new()
    {
        Use = "info [OPTIONS]",
        Short = "Display system-wide information",
        Arguments = ArgumentCount.None,
        Flags = SystemFlags.Info,
        Run = ShowInfo,
        AliasPaths = ["system info", "info"],
        Example = "{0} info --format '{{.Swarm.LocalNodeState}}'",
    };

    public static Command Version => new()
    {
        Use = "version [OPTIONS]",
        Short = "Show the version information",
        Arguments = ArgumentCount.None,
        Flags = SystemFlags.Version,
        Run = ShowVersion,
    };

    public static Command Events => new()
    {
        Use = "events [OPTIONS]",
        Short = "Get real time events from the server",
        Arguments = ArgumentCount.None,
        Flags = SystemFlags.Events,
        Run = ShowEvents,
        AliasPaths = ["system events", "events"],
        Example = "{0} events --since 10m --filter type=service",
    };

    public static Command Inspect => new()
    {
        Use = "inspect [OPTIONS] NAME|ID [NAME|ID...]",
        Short = "Return low-level information on Docker objects",
        Arguments = ArgumentCount.AtLeast(1),
        Flags = ContainerFlags.Inspect,
        Run = InspectAny,
    };

    private static int ShowInfo(Invocation invocation)
    {
        var format = invocation.Flags.Text("format");
        Json info;
        try
        {
            info = invocation.Context.Client.Get("/info");
        }
        catch (EngineUnreachableException error) when (format.Length == 0)
        {
            InfoText.WriteClient(invocation.Out);
            invocation.Out.WriteLine("\nServer:");
            invocation.Context.Flush();
            throw new CliException(error.Message);
        }

        if (format.Length > 0)
        {
            InspectFormat.WriteOne(invocation, format, info.Element);
            return 0;
        }

        InfoText.WriteClient(invocation.Out);
        invocation.Out.WriteLine("\nServer:");
        InfoText.WriteServer(invocation.Out, info);
        invocation.Context.Flush();
        foreach (var warning in info.Items("Warnings"))
        {
            invocation.Error.WriteLine(warning.Text());
        }

        return 0;
    }

    private static int ShowVersion(Invocation invocation)
    {
        var client = invocation.Context.Client;
        var server = Json.Absent;
        EngineUnreachableException? unreachable = null;
        var api = EngineClient.NewestApiVersion;
        try
        {
            server = client.Get("/version");
            api = client.ApiVersion;
        }
        catch (EngineUnreachableException error)
        {
            unreachable = error;
        }

        var format = invocation.Flags.Text("format");
        if (format.Length > 0)
        {
            var all = new JsonObject
            {
                ["Client"] = new JsonObject
                {
                    [nameof(Version)] = BuildInfo.Version,
                    ["ApiVersion"] = api,
                    ["DefaultAPIVersion"] = EngineClient.NewestApiVersion,
                    ["GitCommit"] = BuildInfo.Commit,
                    ["Os"] = "linux",
                    ["Arch"] = BuildInfo.Architecture,
                    ["Context"] = "default",
                },
                ["Server"] = server.Exists ? server.ToNode() : null,
            };
            InspectFormat.WriteOne(invocation, format, Json.Parse(all.ToJsonString()).Element);
        }
        else
        {
            VersionText.Write(invocation.Out, api, server);
        }

        return unreachable is null ? 0 : throw new CliException(unreachable.Message);
    }

    private static int ShowEvents(Invocation invocation)
    {
        var flags = invocation.Flags;
        var format = flags.Text("format");
        var template = format.Length == 0 ? null : InspectFormat.ParseTemplate(format == "json" ? "{{json .}}" : format);
        var query = new List<(string, string)>();
        foreach (var name in (string[])["since", "until"])
        {
            if (flags.Text(name).Length > 0)
            {
                query.Add((name, LogStream.Timestamp(flags.Text(name), invocation.Context.Time)));
            }
        }

        using var response = invocation.Context.Client.Send("GET", Filters.FromFlag(flags).AppendTo("/events", query.ToArray()));
        using var reader = new StreamReader(response.Body);
        while (reader.ReadLine() is { } line)
        {
            if (line.Trim().Length == 0)
            {
                continue;
            }

            var message = Json.Parse(line);
            invocation.Out.WriteLine(template is null ? EventLine(message) : Render(template, message));
            invocation.Out.Flush();
        }

        return 0;
    }

    private static string Render(Template template, Json value)
    {
        var text = new StringBuilder();
        try
        {
            template.Execute(new JsonField("", value.Element, IsRoot: true), text);
        }
        catch (TemplateException error)
        {
            throw new CliException($"template parsing error: {error.Message}");
        }

        return text.ToString();
    }

    private static string EventLine(Json message)
    {
        var nanoseconds = message.Number("timeNano");
        var seconds = nanoseconds != 0 ? nanoseconds / 1_000_000_000 : message.Number("time");
        var time = DateTimeOffset.FromUnixTimeSeconds(seconds).ToLocalTime();
        var offset = time.Offset == TimeSpan.Zero ? "Z" : time.ToString("zzz", CultureInfo.InvariantCulture);
        var attributes = Labels.ToDictionary(message.At("Actor", "Attributes")).Select(pair => $"{pair.Key}={pair.Value}").ToList();
        return string.Create(CultureInfo.InvariantCulture, $"{time:yyyy-MM-ddTHH:mm:ss}.{nanoseconds % 1_000_000_000:D9}{offset} ")
            + $"{message.Text("Type")} {message.Text("Action")} {message.Text("Actor", "ID")}"
            + (attributes.Count > 0 ? $" ({string.Join(", ", attributes)})" : "");
    }

    private static int InspectAny(Invocation invocation)
    {
        var client = invocation.Context.Client;
        var type = invocation.Flags.Text("type");
        if (type.Length > 0 && !s_inspectOrder.Any(item => item.Type == type))
        {
            throw new CliException($"unknown type: {GoText.Quote(type)}");
        }

        return InspectFormat.Write(invocation, invocation.Args, null, name =>
        {
            foreach (var (kind, path) in s_inspectOrder)
            {
                if (type.Length > 0 && kind != type)
                {
                    continue;
                }

                try
                {
                    return client.GetBytes(string.Format(CultureInfo.InvariantCulture, path, Query.Escape(name)));
                }
                catch (EngineException error) when (type.Length == 0 && error.Status is 404 or 503 or 501 or 406)
                {
                    // Not of this kind (or a kind that this node cannot tell of): the next one.
                }
            }

            throw new CliException($"Error: No such object: {name}");
        });
    }
}
