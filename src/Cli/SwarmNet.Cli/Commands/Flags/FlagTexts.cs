namespace SwarmNet.Cli.Commands.Flags;

/// <summary>Help texts that many commands share.</summary>
internal static class FlagTexts
{
    public const string ListFormat =
        "Format output using a custom template:\n'table':            Print output in table format with column headers (default)\n"
        + "'table TEMPLATE':   Print output in table format using the given Go template\n'json':             Print in JSON format\n"
        + "'TEMPLATE':         Print output using the given Go template.\n"
        + "Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates";

    public const string InspectFormat =
        "Format output using a custom template:\n'json':             Print in JSON format\n"
        + "'TEMPLATE':         Print output using the given Go template.\n"
        + "Refer to https://docs.docker.com/go/formatting/ for more information about formatting output with templates";
}
