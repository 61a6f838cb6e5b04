using SwarmNet.Cli.CommandLine;

namespace SwarmNet.Cli.Commands.Flags;

/// <summary>Flags of the image commands: names, defaults and help texts of Docker's CLI.</summary>
internal static class ImageFlags
{
    public static void Images(FlagSet flags)
    {
        flags.Bool("all", "a", "Show all images (default hides intermediate images)");
        flags.Bool("digests", "", "Show digests");
        flags.Add("filter", "f", FlagKind.List, "filter", "Filter output based on conditions provided", check: FlagChecks.Filter);
        flags.Add("format", "", FlagKind.Text, "string", FlagTexts.ListFormat);
        flags.Bool("no-trunc", "", "Don't truncate output");
        flags.Bool("quiet", "q", "Only show image IDs");
    }

    public static void Load(FlagSet flags)
    {
        flags.Add("input", "i", FlagKind.Text, "string", "Read from tar archive file, instead of STDIN");
        flags.Bool("quiet", "q", "Suppress the load output");
    }

    public static void Import(FlagSet flags)
    {
        flags.Add("change", "c", FlagKind.List, "list", "Apply Dockerfile instruction to the created image");
        flags.Add("message", "m", FlagKind.Text, "string", "Set commit message for imported image");
        flags.Add("platform", "", FlagKind.Text, "string", "Set platform if server is multi-platform capable");
    }

    public static void Rmi(FlagSet flags)
    {
        flags.Bool("force", "f", "Force removal of the image");
        flags.Bool("no-prune", "", "Do not delete untagged parents");
    }

    public static void ImageInspect(FlagSet flags)
    {
        flags.Add("format", "f", FlagKind.Text, "string", FlagTexts.InspectFormat);
    }

    public static void ImagePull(FlagSet flags)
    {
        flags.Add("platform", "", FlagKind.Text, "string", "Set platform if server is multi-platform capable");
        flags.Bool("quiet", "q", "Suppress verbose output");
    }
}
