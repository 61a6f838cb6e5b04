using System.Text;

namespace SwarmNet.Ca;

public sealed class JoinTokenTests
{
    // The digest part of a live cluster's token is base 36 of SHA-256; this one was computed with an independent program:
    // python3: n=int(hashlib.sha256(b"abc\n").hexdigest(),16), written in base 36.
    [Test]
    public void The_digest_is_SHA256_of_the_exact_bytes_in_base_36()
    {
        Assert.That(JoinToken.DigestOf("abc\n"u8), Is.EqualTo("5xh1m17kacrnqn5xqmukd109r5awcspkvhhyjomgfv40f9qg23"));
        Assert.That(JoinToken.DigestOf("abc"u8), Is.Not.EqualTo(JoinToken.DigestOf("abc\n"u8)));
    }

    [Test]
    public void A_created_token_is_read_back()
    {
        var root = Encoding.ASCII.GetBytes("some root\n");
        var token = JoinToken.Create(root);
        Assert.That(token.ToString(), Does.Match("^SWMTKN-1-[0-9a-z]{50}-[0-9a-z]{25}$"));
        Assert.That(JoinToken.TryParse(token.ToString(), out var parsed));
        Assert.That(parsed, Is.EqualTo(token));
        Assert.That(parsed.Matches(root));
        Assert.That(parsed.Matches("other root\n"u8), Is.False);
        Assert.That(parsed.DigestHex, Is.EqualTo(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(root))));
        Assert.That(JoinToken.Create(root).Secret, Is.Not.EqualTo(token.Secret));
    }

    [Test]
    public void The_digest_of_zeros_shows_as_zeros()
    {
        // Recorded from a stock engine: "remote CA does not match fingerprint. Expected: 000…".
        Assert.That(JoinToken.TryParse($"SWMTKN-1-{new string('0', 50)}-{new string('1', 25)}", out var token));
        Assert.That(token!.DigestHex, Is.EqualTo(new string('0', 64)));
    }

    [Test]
    public void Version_2_carries_the_FIPS_flag()
    {
        var text = $"SWMTKN-2-1-{new string('a', 50)}-{new string('b', 25)}";
        Assert.That(JoinToken.TryParse(text, out var token));
        Assert.That(token!.Fips);
        Assert.That(token.ToString(), Is.EqualTo(text));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("SWMTKN")]
    [TestCase("SWMTKN-1-short-short")]
    [TestCase("SWMTKN-3-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbbbbbbbbbbb")]
    [TestCase("SWMTKN-1-AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA-bbbbbbbbbbbbbbbbbbbbbbbbb")]
    [TestCase("SWMTKN-1-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbbbbbbbbbb")]
    [TestCase("SWMTKN-1-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbbbbbbbbbbb-")]
    [TestCase("SWMTKN-2-2-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-bbbbbbbbbbbbbbbbbbbbbbbbb")]
    public void Other_texts_are_no_tokens(string? text) => Assert.That(JoinToken.TryParse(text, out _), Is.False);
}
