using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace SwarmNet.Cli.Daemon;

/// <summary>That this node is in a swarm, and by which addresses: written last when it enters, removed first when it leaves.</summary>
internal sealed record MembershipFile
{
    public required string ListenAddr { get; init; }

    public required string AdvertiseAddr { get; init; }

    public required string DataPathAddr { get; init; }

    public required string LocalAddr { get; init; }

    public required bool IsManager { get; init; }

    /// <summary>Where a manager listens. As in Docker 0.0.0.0 is every address of the host, of both families.</summary>
    [JsonIgnore]
    public IPEndPoint ListenEndPoint => IPEndPoint.Parse(ListenAddr) is { Address: var address } listen && address.Equals(IPAddress.Any) && Socket.OSSupportsIPv6
        ? new IPEndPoint(IPAddress.IPv6Any, listen.Port)
        : IPEndPoint.Parse(ListenAddr);

    public static string PathIn(string swarmState) => Path.Combine(swarmState, "membership.json");

    /// <summary>Null when the node is in no swarm. Throws <see cref="InvalidDataException"/> for a file that cannot be read.</summary>
    public static MembershipFile? Load(string swarmState)
    {
        var path = PathIn(swarmState);
        if (!File.Exists(path))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), MembershipJson.Default.MembershipFile);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} is damaged ({e.Message}): restore it from a backup, or remove {swarmState} and join the swarm again", e);
        }
    }

    public void Save(string swarmState)
    {
        Directory.CreateDirectory(swarmState);
        var path = PathIn(swarmState);
        using (var file = new FileStream(path + ".tmp", FileMode.Create))
        {
            JsonSerializer.Serialize(file, this, MembershipJson.Default.MembershipFile);
            file.Flush(flushToDisk: true);
        }

        File.Move(path + ".tmp", path, overwrite: true);
    }
}

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(MembershipFile))]
internal sealed partial class MembershipJson : JsonSerializerContext;
