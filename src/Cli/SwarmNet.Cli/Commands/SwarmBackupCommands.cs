using System.Text;
using SwarmNet.Ca;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Commands.Flags;
using SwarmNet.EngineApi.Client;
using SwarmNet.Manager.AtRest;

namespace SwarmNet.Cli.Commands;

/// <summary><c>swarm backup</c> and <c>swarm restore</c>, which Docker does not have.</summary>
internal static class SwarmBackupCommands
{
    public static Command Backup => new()
    {
        Use = "backup FILE",
        Short = "Write a backup of the swarm to a file",
        Arguments = ArgumentCount.Exactly(1),
        Run = WriteBackup,
        Example = "{0} backup /backup/swarm-$(date +%F)",
    };

    public static Command Restore => new()
    {
        Use = "restore [OPTIONS] FILE",
        Short = "Restore a swarm from a backup, with this node as its only manager",
        Arguments = ArgumentCount.Exactly(1),
        Flags = SwarmFlags.Restore,
        Run = RestoreBackup,
        Example = "{0} restore --advertise-addr 10.0.0.7 /backup/swarm-2026-11-21",
    };

    private static int WriteBackup(Invocation invocation)
    {
        var path = invocation.Args[0];
        var file = invocation.Context.Client.GetBytes("/swarm/backup");
        if (!BackupCodec.IsWhole(file))
        {
            throw new CliException("what the daemon sent is not a whole backup: nothing was written, try again");
        }

        try
        {
            DurableFile.Replace(path, file, DurableFile.Secret);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"the backup could not be written to {path}: {e.Message}");
        }

        invocation.Out.WriteLine($"Swarm backed up to {path} ({file.Length} bytes).");
        invocation.Out.WriteLine(BackupCodec.IsSealed(file)
            ? "It is sealed with the swarm's unlock key of this moment: keep that key too."
            : "It holds the swarm's secrets and the key of its CA: keep it where nobody else can read it.");
        return 0;
    }

    private static int RestoreBackup(Invocation invocation)
    {
        var flags = invocation.Flags;
        using var file = Open(invocation.Args[0]);
        Span<byte> start = stackalloc byte[16];
        var isSealed = BackupCodec.IsSealed(start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)]);
        file.Position = 0;
        KeyValuePair<string, string>[] headers = isSealed ? [new("X-Swarm-Unlock-Key", SwarmCommands.ReadUnlockKey(invocation))] : [];
        var query = $"listenAddr={Query.Escape(flags.Text("listen-addr"))}&advertiseAddr={Query.Escape(flags.Text("advertise-addr"))}"
            + $"&dataPathAddr={Query.Escape(flags.Text("data-path-addr"))}&force={(flags.IsSet("force") ? "1" : "0")}";
        var client = invocation.Context.Client;
        string id;
        using (var response = client.SendStream($"/swarm/restore?{query}", file, "application/octet-stream", headers))
        {
            id = response.ReadJson().GetProperty("NodeID").GetString() ?? "";
        }

        invocation.Out.WriteLine($"Swarm restored: current node ({id}) is now its only manager.\n");
        invocation.Out.WriteLine("Nodes that know this address come back by themselves. On any other node, leave the old swarm with --force, and join:\n");
        SwarmCommands.PrintJoinCommand(invocation, id, worker: true, manager: true);
        return 0;
    }

    private static FileStream Open(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"the backup cannot be read: {e.Message}");
        }
    }
}
