using SwarmNet.Gossip.Wire;

namespace SwarmNet.Gossip.Tests;

public sealed class KeyRingThreadTests
{
    [Test]
    public void Several_threads_seal_and_open_with_one_ring()
    {
        var ring = new KeyRing([new byte[16], [.. Enumerable.Repeat((byte)1, 16)]]);
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, thread =>
        {
            byte[] plain = [.. Enumerable.Repeat((byte)thread, 200)];
            var cipher = new byte[plain.Length + KeyRing.OverheadBytes];
            for (var i = 0; i < 5_000; i++)
            {
                ring.Encrypt(plain, default, cipher);
                Assert.That(ring.TryDecrypt(cipher, default, out var opened) && opened.AsSpan().SequenceEqual(plain));
            }
        });
    }
}
