using System.Security.Cryptography;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.KeyManager;

public sealed class NetworkKeysTests
{
    [Test]
    public void Three_keys_of_16_bytes_per_subsystem_with_unique_ascending_times()
    {
        using var random = RandomNumberGenerator.Create();
        var keys = NetworkKeys.Create(random);
        foreach (var subsystem in new[] { "networking:gossip", "networking:ipsec" })
        {
            Assert.That(keys.Count(key => key.Subsystem == subsystem), Is.EqualTo(3));
        }

        Assert.That(keys.Select(key => key.Key.Length), Is.All.EqualTo(16));
        Assert.That(keys.Select(key => key.Algorithm), Is.All.EqualTo(EncryptionKey.Types.Algorithm.Aes128Gcm));
        Assert.That(keys.Select(key => key.LamportTime), Is.Ordered.Ascending.And.Unique);
        Assert.That(keys.Select(key => key.Key), Is.Unique);
        Assert.That(keys[0].LamportTime, Is.InRange(1, 65536));
        Assert.That(keys[^1].LamportTime, Is.EqualTo(keys[0].LamportTime + 5));
    }
}
