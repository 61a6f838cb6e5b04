using System.Text.Json;
using System.Text.Json.Serialization;
using SwarmNet.Manager.Raft;

namespace SwarmNet.Manager;

/// <summary>What a manager must know before it can read its store: file <c>manager.json</c> of the state folder.</summary>
/// <param name="NodeId">Id of its node.</param>
/// <param name="RaftId">Its id in the Raft cluster, the same at every start.</param>
/// <param name="Peers">The managers that it last knew of, itself too: how it finds them before its store does.</param>
internal sealed record ManagerIdentity(string NodeId, ulong RaftId, IReadOnlyList<RaftPeer> Peers)
{
    public static string PathIn(string stateDirectory) => Path.Combine(stateDirectory, "manager.json");

    /// <summary>Reads the file. Throws <see cref="InvalidDataException"/> when it is missing or damaged.</summary>
    public static ManagerIdentity Load(string stateDirectory)
    {
        var path = PathIn(stateDirectory);
        try
        {
            var identity = JsonSerializer.Deserialize(File.ReadAllBytes(path), ManagerIdentityJson.Default.ManagerIdentity);
            return identity is { NodeId: not null, RaftId: not 0 }
                ? identity with { Peers = identity.Peers ?? [] }
                : throw new JsonException("the ids of node and Raft member are missing");
        }
        catch (Exception e) when (e is IOException or JsonException)
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
            JsonSerializer.Serialize(file, this, ManagerIdentityJson.Default.ManagerIdentity);
            file.Flush(flushToDisk: true);
        }

        File.Move(aside, path, overwrite: true);
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ManagerIdentity))]
internal sealed partial class ManagerIdentityJson : JsonSerializerContext;
