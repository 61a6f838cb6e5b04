using System.Text.Json;

namespace SwarmNet.Manager;

/// <summary>What a manager must know before it can read its store: file <c>manager.json</c> of the state folder.</summary>
/// <param name="NodeId">Id of its node.</param>
/// <param name="RaftId">Its id in the Raft cluster, the same at every start.</param>
internal sealed record ManagerIdentity(string NodeId, ulong RaftId)
{
    public static string PathIn(string stateDirectory) => Path.Combine(stateDirectory, "manager.json");

    /// <summary>Reads the file. Throws <see cref="InvalidDataException"/> when it is missing or damaged.</summary>
    public static ManagerIdentity Load(string stateDirectory)
    {
        var path = PathIn(stateDirectory);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            return new ManagerIdentity(
                document.RootElement.GetProperty("nodeId").GetString() ?? throw new JsonException("nodeId is null"),
                document.RootElement.GetProperty("raftId").GetUInt64());
        }
        catch (Exception e) when (e is IOException or JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new InvalidDataException($"The manager's identity cannot be read from {path}: {e.Message}", e);
        }
    }

    /// <summary>Writes the file whole or not at all, also when the machine dies.</summary>
    public void Save(string stateDirectory)
    {
        var path = PathIn(stateDirectory);
        var aside = path + ".new";
        using (var file = new FileStream(aside, FileMode.Create, FileAccess.Write))
        {
            using (var json = new Utf8JsonWriter(file))
            {
                json.WriteStartObject();
                json.WriteString("nodeId", NodeId);
                json.WriteNumber("raftId", RaftId);
                json.WriteEndObject();
            }

            file.Flush(flushToDisk: true);
        }

        File.Move(aside, path, overwrite: true);
    }
}
