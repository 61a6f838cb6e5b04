using System.Net;

namespace SwarmNet.Overlay.Balancing;

public sealed class ServiceListTests
{
    private readonly VipCodec _codec = new();

    [Test]
    public void What_is_new_other_or_gone_is_found()
    {
        var list = new ServiceList(_codec);
        Assert.That(list.Compare([Service(1, 11), Service(2, 11, 12), Service(3, 13)]), Is.True);
        Assert.That(list.Changed, Has.Count.EqualTo(3));
        list.Commit();

        Assert.That(list.Compare([Service(3, 13), Service(1, 11), Service(2, 11, 12)]), Is.False, "equal, though other objects in another order");

        Assert.That(list.Compare([Service(2, 11, 13), Service(4), Service(1, 11)]), Is.True);
        Assert.That(list.Changed.Keys, Is.EquivalentTo(new[] { Id(2), Id(4) }));
        Assert.That(list.Removed, Is.EqualTo(new[] { Id(3) }));
        list.Commit();
        Assert.That(list.Compare([Service(4), Service(2, 11, 13), Service(1, 11)]), Is.False);
        Assert.That(list.Compare([]), Is.True);
        Assert.That(list.Removed, Has.Count.EqualTo(3));
    }

    [Test]
    public void A_list_of_backends_that_the_caller_changes_is_a_change()
    {
        var list = new ServiceList(_codec);
        List<Backend> backends = [new(Ip(11)), new(Ip(12))];
        VirtualService service = new(Ip(1), backends);
        list.Compare([service]);
        list.Commit();
        backends[1] = backends[1] with { Weight = 2 };
        Assert.That(list.Compare([service]), Is.True);
        list.Commit();
        backends.RemoveAt(0);
        Assert.That(list.Compare([service]), Is.True);
        list.Commit();
        Assert.That(list.Compare([service]), Is.False);
    }

    [Test]
    public void An_address_twice_is_refused_whether_known_or_changed_or_new()
    {
        var list = new ServiceList(_codec);
        list.Compare([Service(1, 11)]);
        list.Commit();
        VirtualService[][] refused = [
            [Service(1, 11), Service(1, 11)], [Service(1, 11), Service(1, 12)], [Service(1, 12), Service(1, 11)], [Service(1, 12), Service(1, 12)], [Service(2), Service(2)]];
        foreach (VirtualService[] services in refused)
        {
            Assert.That(() => list.Compare(services), Throws.ArgumentException.With.Message.Contains("is there twice"));
        }

        Assert.That(list.Compare([Service(1, 11)]), Is.False, "a list that is refused changes nothing");
    }

    private static VirtualService Service(int vip, params int[] backends) => new(Ip(vip), [.. backends.Select(host => new Backend(Ip(host)))]);

    private static IPAddress Ip(int host) => new([10, 0, 1, (byte)host]);

    private ulong Id(int host) => _codec.IdOf(Ip(host));
}
