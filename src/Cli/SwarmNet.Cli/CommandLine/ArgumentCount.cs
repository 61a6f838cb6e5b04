namespace SwarmNet.Cli.CommandLine;

/// <summary>How many arguments a command takes, and Docker's words when the number is another.</summary>
internal readonly record struct ArgumentCount(int Min, int Max)
{
    public static ArgumentCount None => new(0, 0);

    public static ArgumentCount Any => new(0, int.MaxValue);

    public static ArgumentCount Exactly(int count) => new(count, count);

    public static ArgumentCount AtLeast(int count) => new(count, int.MaxValue);

    public static ArgumentCount Between(int min, int max) => new(min, max);

    /// <summary>Null when <paramref name="count"/> arguments are right.</summary>
    public string? Complaint(int count)
    {
        if (count >= Min && count <= Max)
        {
            return null;
        }

        return (Min, Max) switch
        {
            (0, 0) => "accepts no arguments",
            (_, int.MaxValue) => $"requires at least {Min} {Arguments(Min)}",
            _ when Min == Max => $"requires {Min} {Arguments(Min)}",
            (0, _) => $"requires at most {Max} {Arguments(Max)}",
            _ => $"requires at least {Min} and at most {Max} arguments",
        };
    }

    private static string Arguments(int count) => count == 1 ? "argument" : "arguments";
}
