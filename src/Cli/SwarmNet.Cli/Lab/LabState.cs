using System.Text.Json;
using System.Text.Json.Serialization;

namespace SwarmNet.Cli.Lab;

/// <summary>One host of a lab, as recorded in the lab's folder.</summary>
internal sealed record LabNode
{
    public required string Name { get; init; }

    public required string Address { get; init; }

    public required string Address6 { get; init; }

    /// <summary>The host's first process (holds its namespaces), as this machine numbers it; 0 when down.</summary>
    public ProcessMark Host { get; set; }

    /// <summary>The daemon in it, as this machine numbers it; 0 when down.</summary>
    public ProcessMark Daemon { get; set; }
}

/// <summary>A process id with the start time that tells it from a later process of the same number (proc(5), field 22 of stat).</summary>
internal readonly record struct ProcessMark(int Pid, long StartTicks)
{
    public static ProcessMark Of(int pid) => new(pid, ReadStartTicks(pid) ?? 0);

    [JsonIgnore]
    public bool IsAlive => Pid > 0 && ReadStartTicks(Pid) is { } ticks && ticks == StartTicks;

    private static long? ReadStartTicks(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            // The command name in parentheses may hold blanks; fields count from the last parenthesis: state is field 3.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return fields[0] is "Z" or "X" ? null : long.Parse(fields[19]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>A lab as its folder records it. Written before each step that makes something, so that <c>down</c> always knows more than exists.</summary>
internal sealed record LabState
{
    public required string Name { get; init; }

    public required List<LabNode> Nodes { get; init; }

    public LabNode Node(string name) => Nodes.Find(n => n.Name == name)
        ?? throw new LabException($"lab \"{Name}\" has no host \"{name}\": it has {string.Join(", ", Nodes.Select(n => n.Name))} and {LabPaths.Outside}");

    public static LabState? TryLoad(LabPaths paths)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(paths.StateFile), LabJson.Default.LabState);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException or JsonException)
        {
            return null;
        }
    }

    public static LabState Load(LabPaths paths) => TryLoad(paths)
        ?? throw new LabException($"there is no lab \"{paths.Lab}\" (start one: swarm lab up --name {paths.Lab})");

    public void Save(LabPaths paths)
    {
        var temporary = paths.StateFile + ".tmp";
        File.WriteAllText(temporary, JsonSerializer.Serialize(this, LabJson.Default.LabState));
        File.Move(temporary, paths.StateFile, overwrite: true);
    }
}

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(LabState))]
internal sealed partial class LabJson : JsonSerializerContext;

/// <summary>A lab command that cannot be done; the message is for the user.</summary>
internal sealed class LabException(string message) : Exception(message);
