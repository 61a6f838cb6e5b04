using SwarmNet.Cli.CommandLine;

namespace SwarmNet.Cli.Commands.Flags;

/// <summary>Flags of the volume commands: names, defaults and help texts of Docker's CLI.</summary>
internal static class VolumeFlags
{
    public static void Inspect(FlagSet flags)
    {
        flags.Add("format", "f", FlagKind.Text, "string", FlagTexts.InspectFormat);
    }

    public static void Rm(FlagSet flags)
    {
        flags.Bool("force", "f", "Force the removal of one or more volumes");
    }
}
