namespace SwarmNet.Linux.Tests;

public class SignalNamesTests
{
    [TestCase("SIGTERM", 15)]
    [TestCase("hup", 1)]
    [TestCase("SIGSYS", 31)]
    [TestCase("10", 10)]
    [TestCase("64", 64)]
    [TestCase("RTMIN+0", 34)]
    [TestCase("SIGRTMIN+30", 64)]
    public void Names_and_numbers(string text, int number)
    {
        Assert.That(SignalNames.TryParse(text, out int parsed), Is.True);
        Assert.That(parsed, Is.EqualTo(number));
    }

    [TestCase("")]
    [TestCase("SIG")]
    [TestCase("SIGFROB")]
    [TestCase("0")]
    [TestCase("65")]
    [TestCase("-9")]
    [TestCase("RTMIN+31")]
    public void What_is_no_signal_is_refused(string text) => Assert.That(SignalNames.TryParse(text, out _), Is.False);
}
