namespace SwarmNet.Cli;

internal static class SwarmCli
{
    public static Task<int> RunAsync(string[] args)
    {
        _ = args;
        return Task.FromResult(0);
    }
}
