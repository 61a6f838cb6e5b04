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
        var keys = new List<EncryptionKey>(2 * PerSubsystem);
        for (var generation = 0; generation < PerSubsystem; generation++)
        {
            foreach (var subsystem in (ReadOnlySpan<string>)[Gossip, Ipsec])
            {
                var key = new byte[KeyBytes];
                random.GetBytes(key);
                keys.Add(new EncryptionKey
                {
                    Subsystem = subsystem,
                    Algorithm = EncryptionKey.Types.Algorithm.Aes128Gcm,
                    Key = UnsafeByteOperations.UnsafeWrap(key),
                    LamportTime = ++clock,
                });
            }
        }

        return keys;
    }
}
