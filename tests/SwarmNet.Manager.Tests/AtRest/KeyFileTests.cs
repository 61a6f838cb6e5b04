using SwarmNet.Ca;
using SwarmNet.Manager.AtRest;

namespace SwarmNet.Manager.Tests.AtRest;

public sealed class KeyFileTests
{
    private static readonly UnlockKey _unlock = UnlockKey.Create();

    private TempFolder _folder = null!;

    [SetUp]
    public void SetUp() => _folder = new TempFolder();

    [TearDown]
    public void TearDown() => _folder.Dispose();

    [Test]
    public void What_was_written_is_read([Values] bool locked)
    {
        var unlock = locked ? _unlock : null;
        var made = KeyFile.Create(_folder.Path, unlock);
        made.Save(new KeyFileContents(made.Contents.Keys.Renew(), 42), unlock);
        var read = KeyFile.Load(_folder.Path, _unlock);
        Assert.That(read.Contents.ClusterVersion, Is.EqualTo(42));
        Assert.That(read.UnlockKey, Is.EqualTo(unlock));
        Assert.That(read.Contents.Keys.DataKeys.Select(Convert), Is.EqualTo(made.Contents.Keys.DataKeys.Select(Convert)).And.Exactly(2).Items.And.Unique);
        Assert.That(read.CertificateKey, Is.EqualTo(locked ? made.Contents.Keys.CertificateKey.ToArray() : null));
        Assert.That(File.GetUnixFileMode(KeyFile.PathIn(_folder.Path)), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(Directory.GetFiles(_folder.Path), Has.Length.EqualTo(1), "nothing aside is left");
        static string Convert(ReadOnlyMemory<byte> key) => System.Convert.ToHexString(key.Span);
    }

    [Test]
    public void No_key_shows_in_a_sealed_file()
    {
        var file = KeyFile.Create(_folder.Path, _unlock);
        var bytes = File.ReadAllBytes(KeyFile.PathIn(_folder.Path));
        foreach (var key in file.Contents.Keys.DataKeys.Append(file.Contents.Keys.CertificateKey).Append(_unlock.Bytes))
        {
            Assert.That(bytes.AsSpan().IndexOf(key.Span), Is.EqualTo(-1));
        }

        var again = KeyFileCodec.Encode(file.Contents, _unlock);
        Assert.That(again.AsSpan(28, 12).ToArray(), Is.Not.EqualTo(bytes.AsSpan(28, 12).ToArray()), "a fresh nonce each time");
    }

    [Test]
    public void Without_the_unlock_key_a_sealed_file_stays_shut_and_as_it_is()
    {
        KeyFile.Create(_folder.Path, _unlock);
        var before = File.ReadAllBytes(KeyFile.PathIn(_folder.Path));
        Assert.That(
            () => KeyFile.Load(_folder.Path, null),
            Throws.TypeOf<ManagerLockedException>().With.Property("IsWrongKey").False.And.Message.EqualTo("node is locked, and needs a valid unlock key"));
        Assert.That(
            () => KeyFile.Load(_folder.Path, UnlockKey.Create()),
            Throws.TypeOf<ManagerLockedException>().With.Property("IsWrongKey").True.And.Message.EqualTo("invalid key provided"));
        Assert.That(File.ReadAllBytes(KeyFile.PathIn(_folder.Path)), Is.EqualTo(before));
    }

    [Test]
    public void Every_flipped_bit_and_every_truncation_is_damage([Values] bool locked)
    {
        var unlock = locked ? _unlock : null;
        var file = KeyFileCodec.Encode(new KeyFileContents(ManagerKeys.Create(), 7), unlock);
        Assert.That(KeyFileCodec.TryDecode(file, unlock, out _, out _), Is.EqualTo(KeyFileStatus.Open));
        for (var bit = 0; bit < file.Length * 8; bit++)
        {
            file[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.That(KeyFileCodec.TryDecode(file, unlock, out var contents, out _), Is.EqualTo(KeyFileStatus.Damaged), $"bit {bit} flipped");
            Assert.That(contents, Is.Null);
            file[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        for (var length = 0; length < file.Length; length++)
        {
            Assert.That(KeyFileCodec.TryDecode(file.AsSpan(0, length), unlock, out _, out _), Is.EqualTo(KeyFileStatus.Damaged), $"{length} bytes of it");
        }

        Assert.That(KeyFileCodec.TryDecode([.. file, 0], unlock, out _, out _), Is.EqualTo(KeyFileStatus.Damaged), "one byte more");
    }

    [Test]
    public void The_header_cannot_be_changed_even_with_a_fitting_checksum()
    {
        var file = KeyFileCodec.Encode(new KeyFileContents(ManagerKeys.Create(), 7), _unlock);
        file[16] = 8;
        Assert.That(KeyFileCodec.TryDecode(WithChecksum(file), _unlock, out _, out _), Is.EqualTo(KeyFileStatus.WrongKey));
    }

    [TestCase(0u)]
    [TestCase(65u)]
    [TestCase(uint.MaxValue)]
    public void A_number_of_keys_that_cannot_be_is_damage(uint count)
    {
        var file = KeyFileCodec.Encode(new KeyFileContents(ManagerKeys.Create(), 7), null);
        BitConverter.TryWriteBytes(file.AsSpan(28), count);
        Assert.That(KeyFileCodec.TryDecode(WithChecksum(file), null, out _, out _), Is.EqualTo(KeyFileStatus.Damaged));
    }

    [Test]
    public void Missing_damaged_and_newer_files_are_refused_with_a_sentence()
    {
        var path = KeyFile.PathIn(_folder.Path);
        Assert.That(Refusal(), Does.Contain(path).And.Contains("is missing").And.Contains("restore it from a backup"));
        KeyFile.Create(_folder.Path, null);
        var file = File.ReadAllBytes(path);
        File.WriteAllBytes(path, file[..^1]);
        Assert.That(Refusal(), Does.Contain(path).And.Contains("is damaged"));
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(file[..^1]), "it is left as it was found");
        file[8] = 2;
        File.WriteAllBytes(path, WithChecksum(file));
        Assert.That(Refusal(), Does.Contain("another format than version 1"));
        File.Delete(path);
        Directory.CreateDirectory(path);
        Assert.That(Refusal(), Does.Contain("cannot be read"));
        string Refusal() => Assert.Throws<InvalidDataException>(() => KeyFile.Load(_folder.Path, null))!.Message;
    }

    [Test]
    public void A_write_that_fails_leaves_the_file_and_what_is_known_of_it()
    {
        var file = KeyFile.Create(_folder.Path, _unlock);
        var before = file.Contents;
        Directory.CreateDirectory(KeyFile.PathIn(_folder.Path) + ".tmp");
        Assert.That(() => file.Save(new KeyFileContents(before.Keys.Renew(), 9), null), Throws.InstanceOf<Exception>());
        Assert.That((file.Contents, file.UnlockKey), Is.EqualTo((before, _unlock)));
        Assert.That(KeyFile.Load(_folder.Path, _unlock).Contents.Keys.DataKeys, Has.Count.EqualTo(1));
    }

    private static byte[] WithChecksum(byte[] file)
    {
        System.Security.Cryptography.SHA256.HashData(file.AsSpan(0, file.Length - 32), file.AsSpan(file.Length - 32));
        return file;
    }
}
