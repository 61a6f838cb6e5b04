
namespace SwarmNet.Overlay.Repairs;

/// <summary>Drift is what two readings in a row agree on.</summary>
public sealed class SteadyReadingTests
{
    /// <summary>Readings are separated by <c>|</c>, their differences are letters.</summary>
    [TestCase("", "", 1, TestName = "no difference is believed at once")]
    [TestCase("ab|ba", "ab", 2, TestName = "the same twice is drift")]
    [TestCase("ab|", "", 2, TestName = "gone at the second reading: it was never there")]
    [TestCase("ab|cd|a|a", "a", 4, TestName = "noise at first, then drift")]
    [TestCase("abx|cdx|efx|egx", "ex", 4, TestName = "noise all the time: what the last two have in common")]
    [TestCase("ab|cd|ef|gh", "", 4, TestName = "noise alone is no drift")]
    public void What_counts(string readings, string drift, int count)
    {
        var left = new Queue<string>(readings.Split('|'));
        var found = SteadyReading.Of(() => left.Dequeue().ToList());
        Assert.That(found, Is.EquivalentTo(drift));
        Assert.That(readings.Split('|').Length - left.Count, Is.EqualTo(count));
        Assert.That(count, Is.LessThanOrEqualTo(SteadyReading.MaxReadings));
    }
}
