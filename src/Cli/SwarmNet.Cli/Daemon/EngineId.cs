namespace SwarmNet.Cli.Daemon;

/// <summary>The identity of this host's engine, made at the first start and kept.</summary>
internal static class EngineId
{
    public static string LoadOrCreate(string stateFolder)
    {
        var path = Path.Combine(stateFolder, "engine-id");
        if (File.Exists(path) && Guid.TryParse(File.ReadAllText(path), out var known))
        {
            return known.ToString();
        }

        var made = Guid.NewGuid().ToString();
        File.WriteAllText(path + ".tmp", made);
        File.Move(path + ".tmp", path, overwrite: true);
        return made;
    }
}
