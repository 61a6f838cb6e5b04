using SwarmNet.Cli.CommandLine;

namespace SwarmNet.Cli.Commands.Flags;

/// <summary>Flags of the secret commands: names, defaults and help texts of Docker's CLI.</summary>
internal static class SecretFlags
{
    public static void Create(FlagSet flags)
    {
        flags.Add("driver", "d", FlagKind.Text, "string", "Secret driver");
        flags.Add("label", "l", FlagKind.List, "list", "Secret labels");
        flags.Add("template-driver", "", FlagKind.Text, "string", "Template driver");
    }

    public static void Ls(FlagSet flags)
    {
        flags.Add("filter", "f", FlagKind.List, "filter", "Filter output based on conditions provided", check: FlagChecks.Filter);
        flags.Add("format", "", FlagKind.Text, "string", FlagTexts.ListFormat);
        flags.Bool("quiet", "q", "Only display IDs");
    }

    public static void Inspect(FlagSet flags)
    {
        flags.Add("format", "f", FlagKind.Text, "string", FlagTexts.InspectFormat);
        flags.Bool("pretty", "", "Print the information in a human friendly format");
    }

    public static void ConfigCreate(FlagSet flags)
    {
        flags.Add("label", "l", FlagKind.List, "list", "Config labels");
        flags.Add("template-driver", "", FlagKind.Text, "string", "Template driver");
    }

    public static void ConfigLs(FlagSet flags)
    {
        flags.Add("filter", "f", FlagKind.List, "filter", "Filter output based on conditions provided", check: FlagChecks.Filter);
        flags.Add("format", "", FlagKind.Text, "string", FlagTexts.ListFormat);
        flags.Bool("quiet", "q", "Only display IDs");
    }

    public static void ConfigInspect(FlagSet flags)
    {
        flags.Add("format", "f", FlagKind.Text, "string", FlagTexts.InspectFormat);
        flags.Bool("pretty", "", "Print the information in a human friendly format");
    }
}
