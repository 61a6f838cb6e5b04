using System.Buffers.Binary;
using System.Security.Cryptography;
using Google.Protobuf;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.KeyManager;

/// <summary>
/// The keys of a swarm's data plane. Agents want exactly three per subsystem (previous, primary, next) with lamport times that are unique over
/// all of them; with any other number they never start gossip and say nothing.
/// </summary>
public static class NetworkKeys
{
    /// <summary>Subsystem of the gossip encryption.</summary>
    public const string Gossip = "networking:gossip";

    /// <summary>Subsystem of encrypted overlay networks.</summary>
    public const string Ipsec = "networking:ipsec";

    /// <summary>Keys per subsystem.</summary>
    public const int PerSubsystem = 3;

    private const int KeyBytes = 16;

    private static readonly string[] _subsystems = [Gossip, Ipsec];

    /// <summary>
    /// The six keys of a new swarm, in ascending lamport time from a random 16-bit number. Store them as the cluster's network bootstrap keys
    /// and the last one's lamport time as its key clock.
    /// </summary>
    /// <param name="random">A cryptographic generator.</param>
    public static IReadOnlyList<EncryptionKey> Create(RandomNumberGenerator random)
    {
        Span<byte> start = stackalloc byte[2];
        random.GetBytes(start);
        var clock = (ulong)BinaryPrimitives.ReadUInt16BigEndian(start);
        IReadOnlyList<EncryptionKey> keys = [];
        for (var generation = 0; generation < PerSubsystem; generation++)
        {
            keys = Rotate(keys, clock + (ulong)keys.Count, random);
        }

        return keys;
    }

    /// <summary>
    /// The keys after a rotation, in ascending lamport time: per subsystem the newest of the present ones that there is room for, and a new one.
    /// </summary>
    /// <param name="keys">The present keys.</param>
    /// <param name="clock">The highest lamport time ever given to a key.</param>
    /// <param name="random">A cryptographic generator.</param>
    public static IReadOnlyList<EncryptionKey> Rotate(IReadOnlyCollection<EncryptionKey> keys, ulong clock, RandomNumberGenerator random)
    {
        clock = keys.Select(key => key.LamportTime).Append(clock).Max();
        var rotated = new List<EncryptionKey>(2 * PerSubsystem);
        foreach (var subsystem in _subsystems)
        {
            rotated.AddRange(keys.Where(key => key.Subsystem == subsystem).OrderByDescending(key => key.LamportTime).Take(PerSubsystem - 1));
        }

        foreach (var subsystem in _subsystems)
        {
            rotated.Add(New(subsystem, ++clock, random));
        }

        return [.. rotated.OrderBy(key => key.LamportTime)];
    }

    /// <summary>Whether every subsystem has the number of keys that agents want.</summary>
    public static bool AreComplete(IReadOnlyCollection<EncryptionKey> keys) =>
        _subsystems.All(subsystem => keys.Count(key => key.Subsystem == subsystem) == PerSubsystem);

    private static EncryptionKey New(string subsystem, ulong lamportTime, RandomNumberGenerator random)
    {
        var key = new byte[KeyBytes];
        random.GetBytes(key);
        return new EncryptionKey
        {
            Subsystem = subsystem,
            Algorithm = EncryptionKey.Types.Algorithm.Aes128Gcm,
            Key = UnsafeByteOperations.UnsafeWrap(key),
            LamportTime = lamportTime,
        };
    }
}
