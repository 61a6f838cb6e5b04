using System.Net;

namespace SwarmNet.Overlay.Gateway;

public sealed class AddressPoolTests
{
    private static readonly IPv4Prefix Subnet = IPv4Prefix.Parse("172.18.0.0/29");

    [Test]
    public void Addresses_come_in_order_without_the_reserved_ones()
    {
        var pool = new AddressPool(Subnet);
        Assert.That(pool.Reserve(IPAddress.Parse("172.18.0.1")), Is.True);
        Assert.That(pool.Allocate().ToString(), Is.EqualTo("172.18.0.2"));
        Assert.That(pool.Allocate().ToString(), Is.EqualTo("172.18.0.3"));
    }

    [Test]
    public void A_freed_address_rests_until_the_others_were_used()
    {
        var pool = new AddressPool(Subnet);
        IPAddress first = pool.Allocate();
        pool.Release(first);
        Assert.That(Enumerable.Range(0, 6).Select(_ => pool.Allocate().ToString()).ToList()[^1], Is.EqualTo(first.ToString()));
    }

    [Test]
    public void When_all_are_in_use_the_error_says_so()
    {
        var pool = new AddressPool(Subnet);
        for (int i = 0; i < 6; i++)
        {
            pool.Allocate();
        }

        Assert.That(pool.Allocate, Throws.TypeOf<OverlayException>().With.Message.Contains("172.18.0.0/29"));
    }

    [Test]
    public void Network_and_broadcast_address_and_strangers_cannot_be_reserved([Values("172.18.0.0", "172.18.0.7", "10.0.0.1")] string address)
        => Assert.That(new AddressPool(Subnet).Reserve(IPAddress.Parse(address)), Is.False);
}
