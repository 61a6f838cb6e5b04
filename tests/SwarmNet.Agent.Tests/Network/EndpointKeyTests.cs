using SwarmNet.Agent.Network;

namespace SwarmNet.Agent.Tests.Network;

public class EndpointKeyTests
{
    [Test]
    public void A_key_is_64_digits_that_name_endpoint_and_generation()
    {
        var key = EndpointKey.Of(0x1a1, "net", "task");
        Assert.Multiple(() =>
        {
            Assert.That(key, Does.Match("^[0-9a-f]{48}00000000000001a1$"));
            Assert.That(EndpointKey.EndpointOf(EndpointKey.Of(7, "net", "task")).ToString(), Is.EqualTo(key[..48]));
            Assert.That(EndpointKey.EndpointOf(EndpointKey.Of(7, "net", "other")).ToString(), Is.Not.EqualTo(key[..48]));
            Assert.That(EndpointKey.EndpointOf(EndpointKey.Of(7, "other", "task")).ToString(), Is.Not.EqualTo(key[..48]));
        });
    }

    [Test]
    public void Of_an_endpoints_generations_the_newest_counts_in_any_order()
    {
        var random = TestContext.CurrentContext.Random;
        string[] newest = [EndpointKey.Of(0x200, "net", "a"), EndpointKey.Of(0x9, "net", "b"), "a stock engine's key", new string('f', 64)];
        string[] all = [.. newest, EndpointKey.Of(0x1ff, "net", "a"), EndpointKey.Of(1, "net", "a"), EndpointKey.Of(0x8, "net", "b")];
        for (var i = 0; i < 50; i++)
        {
            random.Shuffle(all);
            Assert.That(EndpointKey.Newest(all, k => k), Is.EquivalentTo(newest), string.Join(' ', all));
        }
    }
}
