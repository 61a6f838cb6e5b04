namespace SwarmNet.Ca;

public sealed class UnlockKeyTests
{
    // As a stock engine printed it.
    private const string Recorded = "SWMKEY-1-/uLelhP/iGLWcwoRoy/NL9nhMAGakXwhJmFAWHS2JGU";

    [Test]
    public void A_key_of_a_stock_engine_is_read_and_written_again()
    {
        Assert.That(UnlockKey.TryParse(Recorded, out var key));
        Assert.That(key!.Bytes.Length, Is.EqualTo(32));
        Assert.That(key.Bytes.Span[0], Is.EqualTo(0xfe));
        Assert.That(key.ToString(), Is.EqualTo(Recorded));
        Assert.That(UnlockKey.TryCreate(key.Bytes.Span, out var same) && same.Equals(key));
    }

    [Test]
    public void New_keys_differ()
    {
        var key = UnlockKey.Create();
        Assert.That(key, Is.Not.EqualTo(UnlockKey.Create()));
        Assert.That(UnlockKey.TryParse(key.ToString(), out var read) && read.Equals(key));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("frob")]
    [TestCase("SWMKEY-1-")]
    [TestCase("SWMKEY-2-/uLelhP/iGLWcwoRoy/NL9nhMAGakXwhJmFAWHS2JGU")]
    [TestCase("SWMKEY-1-/uLelhP/iGLWcwoRoy/NL9nhMAGakXwhJmFAWHS2JG")]
    [TestCase("SWMKEY-1-/uLelhP/iGLWcwoRoy/NL9nhMAGakXwhJmFAWHS2JGUA")]
    [TestCase("SWMKEY-1-/uLelhP/iGLWcwoRoy/NL9nhMAGakXwhJmFAWHS2JG=")]
    [TestCase("SWMKEY-1- uLelhP/iGLWcwoRoy/NL9nhMAGakXwhJmFAWHS2JGU")]
    [TestCase("swmkey-1-/uLelhP/iGLWcwoRoy/NL9nhMAGakXwhJmFAWHS2JGU")]
    public void Anything_else_is_no_key(string? text) => Assert.That(UnlockKey.TryParse(text, out _), Is.False);

    [Test]
    public void A_box_opens_with_its_own_key_and_surroundings_only()
    {
        var key = UnlockKey.Create().Bytes.Span;
        var box = new byte[5 + SealedBox.OverheadBytes];
        SealedBox.Seal(key, "hello"u8, box, "beside"u8);
        Assert.That(SealedBox.TryOpen(key, box, "beside"u8), Is.EqualTo("hello"u8.ToArray()));
        Assert.That(SealedBox.TryOpen(key, box, "Beside"u8), Is.Null);
        Assert.That(SealedBox.TryOpen(UnlockKey.Create().Bytes.Span, box, "beside"u8), Is.Null);
        for (var length = 0; length < box.Length; length++)
        {
            Assert.That(SealedBox.TryOpen(key, box.AsSpan(0, length), "beside"u8), Is.Null, $"{length} bytes of it");
        }

        for (var bit = 0; bit < box.Length * 8; bit++)
        {
            box[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.That(SealedBox.TryOpen(key, box, "beside"u8), Is.Null, $"bit {bit} flipped");
            box[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }
}
