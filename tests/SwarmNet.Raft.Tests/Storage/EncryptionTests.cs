using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace SwarmNet.Raft.Tests;

public class EncryptionTests
{
    private static readonly byte[] s_old = RandomNumberGenerator.GetBytes(AesGcmTransform.KeyBytes);
    private static readonly byte[] s_new = RandomNumberGenerator.GetBytes(AesGcmTransform.KeyBytes);

    [Test]
    public async Task Nothing_readable_is_on_disk_and_a_key_is_needed_to_open()
    {
        using TempFolder folder = new();
        await WriteAsync(folder, "secret-one", s_old);
        foreach (string file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Where(file => Path.GetFileName(file) != "lock"))
        {
            Assert.That(Encoding.Latin1.GetString(File.ReadAllBytes(file)), Does.Not.Contain("secret"), file);
        }

        Assert.That(async () => await ReadAsync(folder), Throws.InstanceOf<RaftDataKeyException>().With.Message.Contains("give that data key"));
        Assert.That(async () => await ReadAsync(folder, s_new), Throws.InstanceOf<RaftDataKeyException>().With.Message.Contains("which is none of the 1 data keys given"));
        Assert.That(await ReadAsync(folder, s_old), Is.EqualTo(new[] { "secret-one" }));
    }

    [Test]
    public async Task A_plain_folder_is_taken_over_and_a_key_is_rotated()
    {
        using TempFolder folder = new();
        await WriteAsync(folder, "one");
        await WriteAsync(folder, "two", s_old);
        await WriteAsync(folder, "three", s_new, s_old);
        Assert.That(await ReadAsync(folder, s_new, s_old), Is.EqualTo(new[] { "one", "two", "three" }));
        Assert.That(async () => await ReadAsync(folder, s_new), Throws.InstanceOf<RaftStorageException>());
        // Two snapshots with the new key, and nothing needs the old one.
        for (int i = 0; i < 25; i++)
        {
            await WriteAsync(folder, $"more {i}", s_new, s_old);
        }

        Assert.That(await ReadAsync(folder, s_new), Has.Length.EqualTo(28));
    }

    [Test]
    public void Every_stored_byte_and_the_index_are_authenticated_and_no_nonce_comes_twice()
    {
        using AesGcmTransform transform = new(s_old);
        byte[] plain = "plain"u8.ToArray();
        byte[] stored = new byte[plain.Length + transform.MaxOverheadBytes];
        HashSet<string> nonces = [];
        for (int i = 0; i < 1000; i++)
        {
            Assert.That(transform.Store(9, plain, stored), Is.EqualTo(stored.Length));
            Assert.That(nonces.Add(Convert.ToHexString(stored.AsSpan(0, 12))));
        }

        Assert.That(transform.Load(9, stored), Is.EqualTo(plain));
        Assert.That(transform.Load(8, stored), Is.Null);
        Assert.That(transform.Load(9, stored.AsSpan(0, 20)), Is.Null);
        for (int i = 0; i < stored.Length; i++)
        {
            stored[i] ^= 1;
            Assert.That(transform.Load(9, stored), Is.Null, $"byte {i}");
            stored[i] ^= 1;
        }
    }

    [Test]
    public void A_key_of_another_length_is_refused()
    {
        using TempFolder folder = new();
        Assert.That(async () => await ReadAsync(folder, new byte[16]), Throws.ArgumentException.With.Message.Contains("32 bytes"));
    }

    private static async Task WriteAsync(string folder, string text, params byte[][] keys)
    {
        await using RaftNode node = await RaftNode.OpenAsync(Options(folder, keys), new RecordingMachine());
        await node.ProposeAsync(Encoding.UTF8.GetBytes(text));
    }

    private static async Task<string[]> ReadAsync(string folder, params byte[][] keys)
    {
        RecordingMachine machine = new();
        await using RaftNode node = await RaftNode.OpenAsync(Options(folder, keys), machine);
        return [.. machine.Applied.Values];
    }

    private static RaftNodeOptions Options(string folder, byte[][] keys) => new()
    {
        Directory = folder,
        NodeId = 7,
        Bootstrap = true,
        SnapshotEntries = 8,
        SegmentBytes = 1024,
        DataKeys = [.. keys.Select(static key => (ReadOnlyMemory<byte>)key)],
    };
}
