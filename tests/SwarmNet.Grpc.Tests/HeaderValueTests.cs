namespace SwarmNet.Grpc;

public sealed class HeaderValueTests
{
    [TestCase("plain text", "plain text")]
    [TestCase("100 %", "100 %25")]
    [TestCase("größer\n", "gr%C3%B6%C3%9Fer%0A")]
    [TestCase("", "")]
    public void Messages_are_percent_encoded(string text, string encoded)
    {
        Assert.That(PercentEncoding.Encode(text), Is.EqualTo(encoded));
        Assert.That(PercentEncoding.Decode(encoded), Is.EqualTo(text));
    }

    [TestCase("%", "%")]
    [TestCase("%4", "%4")]
    [TestCase("%zz%41", "%zzA")]
    [TestCase("%c3%b6", "ö")]
    [TestCase("%ff", "\ufffd")]
    public void Odd_escapes_are_kept_or_replaced(string encoded, string text) => Assert.That(PercentEncoding.Decode(encoded), Is.EqualTo(text));

    [TestCase("4860570u", 4.86057)]
    [TestCase("5S", 5)]
    [TestCase("250m", 0.25)]
    [TestCase("2M", 120)]
    [TestCase("1H", 3600)]
    [TestCase("1000n", 0.000001)]
    public void Timeouts_are_digits_and_a_unit(string text, double seconds)
    {
        Assert.That(GrpcTimeout.TryParse(text, out var timeout));
        Assert.That(timeout, Is.EqualTo(TimeSpan.FromSeconds(seconds)));
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("5")]
    [TestCase("S")]
    [TestCase("-5S")]
    [TestCase("5x")]
    [TestCase("123456789S")]
    public void Other_timeouts_are_not(string? text) => Assert.That(GrpcTimeout.TryParse(text, out _), Is.False);

    [Test]
    public void Timeouts_survive_the_way([Values(0.000001, 0.25, 5, 99.999999, 100, 86400, 1e7, 1e9)] double seconds)
    {
        var timeout = TimeSpan.FromSeconds(seconds);
        Assert.That(GrpcTimeout.TryParse(GrpcTimeout.Format(timeout), out var parsed));
        Assert.That(parsed, Is.EqualTo(timeout).Within(TimeSpan.FromTicks((long)(timeout.Ticks * 0.001))));
    }

    [Test]
    public void Statuses_come_from_their_two_headers()
    {
        Assert.That(GrpcStatus.TryParse("5", "not%20here", out var status));
        Assert.That(status, Is.EqualTo(new GrpcStatus(StatusCode.NotFound, "not here")));
        Assert.That(GrpcStatus.TryParse("77", null, out status));
        Assert.That(status.Code, Is.EqualTo(StatusCode.Unknown));
        Assert.That(GrpcStatus.TryParse("x", null, out _), Is.False);
        Assert.That(GrpcStatus.TryParse(null, null, out _), Is.False);
    }
}
