using SwarmNet.Cli.CommandLine;

namespace SwarmNet.Cli.Commands.Flags;

/// <summary>Flags of the system commands: names, defaults and help texts of Docker's CLI.</summary>
internal static class SystemFlags
{
    public static void Info(FlagSet flags)
    {
        flags.Add("format", "f", FlagKind.Text, "string", FlagTexts.InspectFormat);
    }

    public static void Version(FlagSet flags)
    {
        flags.Add("format", "f", FlagKind.Text, "string", FlagTexts.InspectFormat);
    }

    public static void Events(FlagSet flags)
    {
        flags.Add("filter", "f", FlagKind.List, "filter", "Filter output based on conditions provided", check: FlagChecks.Filter);
        flags.Add("format", "", FlagKind.Text, "string", FlagTexts.InspectFormat);
        flags.Add("since", "", FlagKind.Text, "string", "Show all events created since timestamp");
        flags.Add("until", "", FlagKind.Text, "string", "Stream events until this timestamp");
    }
}
