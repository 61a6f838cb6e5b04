using System.Globalization;
using System.Text.Json;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Commands.Flags;
using SwarmNet.Cli.Formatting;
using SwarmNet.Cli.Specs;
using SwarmNet.Cli.Templates;
using SwarmNet.EngineApi.Client;

namespace SwarmNet.Cli.Commands;

/// <summary>Images of the node that is asked: <c>images</c>, <c>load</c>, <c>import</c>, <c>image ...</c>.</summary>
internal static class ImageCommands
{
    private static readonly Dictionary<string, string> s_headers = new()
    {
        ["ID"] = "IMAGE ID",
        ["Repository"] = "REPOSITORY",
        ["Tag"] = "TAG",
        ["Digest"] = "DIGEST",
        ["CreatedSince"] = "CREATED",
        ["CreatedAt"] = "CREATED AT",
        ["Size"] = "SIZE",
        ["Containers"] = "CONTAINERS",
        ["SharedSize"] = "SHARED SIZE",
        ["UniqueSize"] = "UNIQUE SIZE",
        ["VirtualSize"] = "SIZE",
    };

    public static Command Group => new()
    {
        Use = "image",
        Short = "Manage images",
        Commands =
        [
            Import, Load, Tag, Pull, Named("ls", Images, ["list"]), Named("rm", RemoveImage, ["remove"]),
            new Command
            {
                Use = "inspect [OPTIONS] IMAGE [IMAGE...]", Short = "Display detailed information on one or more images", Arguments = ArgumentCount.AtLeast(1),
                Flags = ImageFlags.ImageInspect, Complete = ImageNames,
                Run = invocation => InspectFormat.Write(
                    invocation, invocation.Args, null, name => invocation.Context.Client.GetBytes($"/images/{Escape(name)}/json")),
            },
        ],
    };

    public static Command Images => new()
    {
        Use = "images [OPTIONS] [REPOSITORY[:TAG]]",
        Short = "List images",
        Arguments = ArgumentCount.Between(0, 1),
        Flags = ImageFlags.Images,
        Run = List,
        AliasPaths = ["image ls", "image list", "images"],
    };

    public static Command Load => new()
    {
        Use = "load [OPTIONS]",
        Short = "Load an image from a tar archive or STDIN",
        Arguments = ArgumentCount.None,
        Flags = ImageFlags.Load,
        Run = LoadArchive,
        AliasPaths = ["image load", "load"],
        Example = "{0} load --input busybox.tar",
    };

    public static Command Import => new()
    {
        Use = "import [OPTIONS] file|URL|- [REPOSITORY[:TAG]]",
        Short = "Import the contents from a tarball to create a filesystem image",
        Arguments = ArgumentCount.AtLeast(1),
        Flags = ImageFlags.Import,
        Run = ImportArchive,
        AliasPaths = ["image import", "import"],
        Example = "tar -C rootfs -c . | {0} import --change 'CMD [\"sh\"]' - tiny:latest",
    };

    public static Command Pull => new()
    {
        Use = "pull [OPTIONS] NAME[:TAG|@DIGEST]",
        Short = "Download an image from a registry",
        Arguments = ArgumentCount.Exactly(1),
        Flags = ImageFlags.ImagePull,
        Run = PullImage,
        AliasPaths = ["image pull", "pull"],
    };

    public static Command Tag => new()
    {
        Use = "tag SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
        Short = "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
        Arguments = ArgumentCount.Exactly(2),
        AliasPaths = ["image tag", "tag"],
        Complete = ImageNames,
        Run = invocation =>
        {
            var (repository, tag) = Split(invocation.Args[1]);
            invocation.Context.Client.Post(
                $"/images/{Escape(invocation.Args[0])}/tag?repo={Query.Escape(repository)}&tag={Query.Escape(tag)}");
            return 0;
        },
    };

    public static Command RemoveImage => new()
    {
        Use = "rmi [OPTIONS] IMAGE [IMAGE...]",
        Short = "Remove one or more images",
        Arguments = ArgumentCount.AtLeast(1),
        Flags = ImageFlags.Rmi,
        AliasPaths = ["image rm", "image remove", "rmi"],
        Complete = ImageNames,
        Run = Remove,
    };

    internal static IEnumerable<string> ImageNames(CliContext context) =>
        context.Client.Get("/images/json").Items().SelectMany(image => image.Items("RepoTags")).Select(tag => tag.Text());

    private static Command Named(string name, Command command, string[] aliases) => new()
    {
        Use = name + command.Use[command.Name.Length..],
        Aliases = aliases,
        Short = command.Short,
        Arguments = command.Arguments,
        Flags = command.Flags,
        Run = command.Run,
        AliasPaths = command.AliasPaths,
        Complete = command.Complete,
    };

    /// <summary>Names contain slashes, which stay as they are in these paths.</summary>
    private static string Escape(string name) => Query.Escape(name).Replace("%2F", "/", StringComparison.Ordinal).Replace("%3A", ":", StringComparison.Ordinal)
        .Replace("%40", "@", StringComparison.Ordinal);

    private static (string Repository, string Tag) Split(string reference) =>
        ImageName.HasTag(reference) ? (reference[..reference.LastIndexOf(':')], reference[(reference.LastIndexOf(':') + 1)..]) : (reference, "");

    private static int List(Invocation invocation)
    {
        var flags = invocation.Flags;
        var filters = Filters.FromFlag(flags);
        if (invocation.Args.Count > 0)
        {
            filters.Add("reference", invocation.Args[0]);
        }

        var digests = flags.IsSet("digests");
        var truncate = !flags.IsSet("no-trunc");
        var format = flags.Text("format");
        var images = invocation.Context.Client.Get(flags.IsSet("all") ? filters.AppendTo("/images/json", ("all", "1")) : filters.AppendTo("/images/json")).Items();
        ListFormat.Write(
            invocation, flags.IsSet("quiet") && ListFormat.IsTable(format) ? "{{.ID}}" : format,
            "{{.Repository}}\t{{.Tag}}\t" + (digests ? "{{.Digest}}\t" : "") + "{{.ID}}\t{{.CreatedSince}}\t{{.Size}}", s_headers,
            images.SelectMany(image => Rows(invocation, image, truncate, digests)));
        return 0;
    }

    private static IEnumerable<TemplateRow> Rows(Invocation invocation, Json image, bool truncate, bool digests)
    {
        var tags = image.Items("RepoTags").Select(tag => tag.Text()).Where(tag => tag != "<none>:<none>").ToList();
        var byRepository = image.Items("RepoDigests").Select(digest => digest.Text().Split('@')).Where(pair => pair.Length == 2)
            .GroupBy(pair => pair[0]).ToDictionary(group => group.Key, group => group.First()[1]);
        if (tags.Count == 0)
        {
            yield return Row(invocation, image, byRepository.Keys.FirstOrDefault("<none>"), "<none>", byRepository.Values.FirstOrDefault("<none>"), truncate);
        }

        foreach (var reference in tags)
        {
            var (repository, tag) = Split(reference);
            yield return Row(invocation, image, repository, tag, digests ? byRepository.GetValueOrDefault(repository, "<none>") : "<none>", truncate);
        }
    }

    private static TemplateRow Row(Invocation invocation, Json image, string repository, string tag, string digest, bool truncate)
    {
        var created = DateTimeOffset.FromUnixTimeSeconds(image.Number("Created"));
        var size = Humanize.Size(image.Number("Size"), 3);
        return new TemplateRow("*formatter.imageContext")
        {
            ["ID"] = truncate ? GoText.ShortId(image.Text("Id")) : image.Text("Id"),
            ["Repository"] = repository,
            ["Tag"] = tag,
            ["Digest"] = digest,
            ["CreatedSince"] = image.Number("Created") == 0 ? "N/A" : PrettyTime.Ago(created, invocation.Context.Time.GetUtcNow()),
            ["CreatedAt"] = created.ToString("yyyy-MM-dd HH:mm:ss +0000 UTC", CultureInfo.InvariantCulture),
            ["Size"] = size,
            ["VirtualSize"] = Humanize.Size(image.Number("Size")),
            ["Containers"] = image.Number("Containers") is var count and >= 0 ? count.ToString(CultureInfo.InvariantCulture) : "N/A",
            ["SharedSize"] = "N/A",
            ["UniqueSize"] = "N/A",
        };
    }

    private static int LoadArchive(Invocation invocation)
    {
        var file = invocation.Flags.Text("input");
        if (file.Length == 0 && invocation.Context.InputIsTerminal)
        {
            throw new CliException("requested load from stdin, but stdin is empty");
        }

        using var input = Open(invocation, file.Length == 0 ? "-" : file);
        using var response = invocation.Context.Client.SendStream("/images/load?quiet=1", input, "application/x-tar");
        JsonMessages.Print(response.Body, invocation.Out, invocation.Flags.IsSet("quiet"));
        return 0;
    }

    private static int ImportArchive(Invocation invocation)
    {
        var flags = invocation.Flags;
        var source = invocation.Args[0];
        var query = new Query()
        {
            ["fromSrc"] = source.Contains("://", StringComparison.Ordinal) ? source : "-",
        };
        if (invocation.Args.Count > 1)
        {
            (query["repo"], query["tag"]) = Split(invocation.Args[1]);
        }

        foreach (var (flag, name) in new[] { ("message", "message"), ("platform", "platform") })
        {
            if (flags.Text(flag).Length > 0)
            {
                query[name] = flags.Text(flag);
            }
        }

        var changes = string.Concat(flags.List("change").Select(change => "&changes=" + Query.Escape(change)));
        using var input = query["fromSrc"] == "-" ? Open(invocation, source) : Stream.Null;
        using var response = invocation.Context.Client.SendStream($"/images/create?{query}{changes}", input, "text/plain");
        JsonMessages.Print(response.Body, invocation.Out, quiet: false);
        return 0;
    }

    private static Stream Open(Invocation invocation, string file)
    {
        if (file == "-")
        {
            return invocation.Context.OpenInput();
        }

        return File.Exists(file) ? File.OpenRead(file) : throw new CliException($"open {file}: no such file or directory");
    }

    private static int PullImage(Invocation invocation)
    {
        var reference = ImageName.WithTag(invocation.Args[0]);
        var at = reference.IndexOf('@', StringComparison.Ordinal);
        var (repository, tag) = at > 0 ? (reference[..at], reference[(at + 1)..]) : Split(reference);
        var platform = invocation.Flags.Text("platform") is { Length: > 0 } wanted ? "&platform=" + Query.Escape(wanted) : "";
        using var response = invocation.Context.Client.Send(
            "POST", $"/images/create?fromImage={Query.Escape(repository)}&tag={Query.Escape(tag)}{platform}", headers: RegistryAuth.Headers(reference));
        JsonMessages.Print(response.Body, invocation.Out, invocation.Flags.IsSet("quiet"));
        invocation.Out.WriteLine(reference);
        return 0;
    }

    private static int Remove(Invocation invocation) => Each.Run(invocation, name =>
    {
        using var response = invocation.Context.Client.Send(
            "DELETE", $"/images/{Escape(name)}?force={(invocation.Flags.IsSet("force") ? "1" : "0")}&noprune={(invocation.Flags.IsSet("no-prune") ? "1" : "0")}");
        var lines = new Json(response.ReadJson()).Items().Select(item =>
            item.Text("Deleted") is { Length: > 0 } deleted ? $"Deleted: {deleted}" : $"Untagged: {item.Text("Untagged")}");
        var text = string.Join('\n', lines);
        return text.Length > 0 ? text : null;
    });
}
