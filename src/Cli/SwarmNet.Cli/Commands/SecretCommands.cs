using System.Text.Json;
using System.Text.Json.Nodes;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Commands.Flags;
using SwarmNet.Cli.Formatting;
using SwarmNet.Cli.Specs;
using SwarmNet.Cli.Templates;

namespace SwarmNet.Cli.Commands;

/// <summary><c>swarm secret ...</c> and <c>swarm config ...</c>, which differ in little.</summary>
internal sealed class SecretCommands
{
    private readonly string _kind;
    private readonly GoType _type;

    private SecretCommands(string kind)
    {
        _kind = kind;
        _type = new GoType($"swarm.{char.ToUpperInvariant(kind[0])}{kind[1..]}", "ID", "Meta", "Version", "CreatedAt", "UpdatedAt", "Spec");
    }

    public static Command SecretGroup => new SecretCommands("secret").BuildGroup();

    public static Command ConfigGroup => new SecretCommands("config").BuildGroup();

    private bool IsSecret => _kind == "secret";

    private Command BuildGroup()
    {
        var upper = _kind.ToUpperInvariant();
        return new Command
        {
            Use = _kind,
            Short = $"Manage Swarm {_kind}s",
            Commands =
            [
                new Command
                {
                    Use = IsSecret ? "create [OPTIONS] SECRET [file|-]" : "create [OPTIONS] CONFIG file|-",
                    Short = IsSecret ? "Create a secret from a file or STDIN as content" : "Create a config from a file or STDIN",
                    Arguments = IsSecret ? ArgumentCount.Between(1, 2) : ArgumentCount.Exactly(2),
                    Flags = IsSecret ? SecretFlags.Create : SecretFlags.ConfigCreate, Run = Create,
                    Example = $"echo 123 | {{0}} {_kind} create answer -",
                },
                new Command
                {
                    Use = $"inspect [OPTIONS] {upper} [{upper}...]", Short = $"Display detailed information on one or more {_kind}s",
                    Arguments = ArgumentCount.AtLeast(1), Flags = IsSecret ? SecretFlags.Inspect : SecretFlags.ConfigInspect, Run = Inspect, Complete = AllNames,
                },
                new Command
                {
                    Use = "ls [OPTIONS]", Aliases = ["list"], Short = $"List {_kind}s", Arguments = ArgumentCount.None,
                    Flags = IsSecret ? SecretFlags.Ls : SecretFlags.ConfigLs, Run = Ls,
                },
                new Command
                {
                    Use = $"rm {upper} [{upper}...]", Aliases = ["remove"], Short = $"Remove one or more {_kind}s", Arguments = ArgumentCount.AtLeast(1),
                    Complete = AllNames,
                    Run = invocation => Each.Run(invocation, name =>
                    {
                        invocation.Context.Client.Delete($"/{_kind}s/{Query.Escape(name)}");
                        return name;
                    }),
                },
            ],
        };
    }

    private IEnumerable<string> AllNames(CliContext context) => context.Client.Get($"/{_kind}s").Items().Select(item => item.Text("Spec", "Name"));

    private int Create(Invocation invocation)
    {
        var flags = invocation.Flags;
        var driver = IsSecret ? flags.Text("driver") : "";
        if (driver.Length > 0 && invocation.Args.Count > 1)
        {
            throw new CliException("When using secret driver secret data must be empty");
        }

        var spec = new JsonObject { ["Name"] = invocation.Args[0], ["Labels"] = KeyValue.ToObject(flags.List("label")) };
        if (driver.Length > 0)
        {
            spec["Driver"] = new JsonObject { ["Name"] = driver };
        }
        else
        {
            spec["Data"] = Convert.ToBase64String(ReadData(invocation, invocation.Args.Count > 1 ? invocation.Args[1] : "-"));
        }

        if (flags.Text("template-driver").Length > 0)
        {
            spec["Templating"] = new JsonObject { ["Name"] = flags.Text("template-driver") };
        }

        invocation.Out.WriteLine(invocation.Context.Client.Post($"/{_kind}s/create", spec).Text("ID"));
        return 0;
    }

    private byte[] ReadData(Invocation invocation, string file)
    {
        var prefix = IsSecret ? "" : $"Error reading content from \"{file}\": ";
        byte[] data;
        if (file == "-")
        {
            using var buffer = new MemoryStream();
            using var input = invocation.Context.OpenInput();
            input.CopyTo(buffer);
            data = buffer.ToArray();
        }
        else if (Directory.Exists(file))
        {
            throw new CliException($"{prefix}error reading from {file}: read {file}: is a directory");
        }
        else
        {
            data = File.Exists(file)
                ? File.ReadAllBytes(file)
                : throw new CliException($"{prefix}error reading from {file}: open {file}: no such file or directory");
        }

        return data.Length > 0
            ? data
            : throw new CliException($"{prefix}error reading from {(file == "-" ? "STDIN" : file)}: data is empty");
    }

    private int Ls(Invocation invocation)
    {
        var flags = invocation.Flags;
        var format = flags.Text("format");
        var now = invocation.Context.Time.GetUtcNow();
        var headers = new Dictionary<string, string>
        {
            ["ID"] = "ID",
            ["Name"] = "NAME",
            ["CreatedAt"] = "CREATED",
            ["UpdatedAt"] = "UPDATED",
            ["Labels"] = "LABELS",
        };
        if (IsSecret)
        {
            headers["Driver"] = "DRIVER";
        }

        var items = invocation.Context.Client.Get(Filters.FromFlag(flags).AppendTo($"/{_kind}s")).Items()
            .OrderBy(item => item.Text("Spec", "Name"), NaturalOrder.Instance);
        ListFormat.Write(
            invocation, flags.IsSet("quiet") && ListFormat.IsTable(format) ? "{{.ID}}" : format,
            IsSecret ? "{{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.CreatedAt}}\t{{.UpdatedAt}}" : "{{.ID}}\t{{.Name}}\t{{.CreatedAt}}\t{{.UpdatedAt}}",
            headers, items.Select(item => Row(item, now)));
        return 0;
    }

    private TemplateRow Row(Json item, DateTimeOffset now)
    {
        var row = new TemplateRow($"*{_kind}.{_kind}Context")
        {
            ["ID"] = item.Text("ID"),
            ["Name"] = item.Text("Spec", "Name"),
            ["CreatedAt"] = PrettyTime.Ago(item.Time("CreatedAt"), now),
            ["UpdatedAt"] = PrettyTime.Ago(item.Time("UpdatedAt"), now),
            ["Labels"] = Labels.Join(item.At("Spec", "Labels")),
        };
        row.Labels = Labels.ToDictionary(item.At("Spec", "Labels"));
        if (IsSecret)
        {
            row["Driver"] = item.Text("Spec", "Driver", "Name");
        }

        return row;
    }

    private int Inspect(Invocation invocation)
    {
        var pretty = invocation.Flags.IsSet("pretty");
        if (pretty && invocation.Flags.Text("format").Length > 0)
        {
            throw new CliException("--format is incompatible with human friendly format");
        }

        byte[] Fetch(string name) => invocation.Context.Client.GetBytes($"/{_kind}s/{Query.Escape(name)}");
        return pretty
            ? Each.Run(invocation, name =>
            {
                WritePretty(invocation.Out, Json.Parse(Fetch(name)));
                return null;
            })
            : InspectFormat.Write(invocation, invocation.Args, _type, Fetch);
    }

    private void WritePretty(TextWriter output, Json item)
    {
        var gap = IsSecret ? "              " : "\t\t\t";
        output.Write($"ID:{gap}{item.Text("ID")}\nName:{gap}{item.Text("Spec", "Name")}\n");
        var labels = Labels.ToDictionary(item.At("Spec", "Labels"));
        if (labels.Count > 0)
        {
            output.Write("Labels:\n");
            foreach (var (key, value) in labels)
            {
                output.Write($" - {key}{(value.Length > 0 ? "=" : "")}{value}\n");
            }
        }

        var separator = IsSecret ? "" : "    \t";
        if (IsSecret)
        {
            output.Write($"Driver:            {item.Text("Spec", "Driver", "Name")}\n");
        }

        output.Write($"Created at:        {separator}{PrettyTime.Format(item.Text("CreatedAt"))}\n");
        output.Write($"Updated at:        {separator}{PrettyTime.Format(item.Text("UpdatedAt"))}\n");
        if (!IsSecret)
        {
            output.Write($"Data:\n{System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(item.Text("Spec", "Data")))}\n");
        }
    }
}
