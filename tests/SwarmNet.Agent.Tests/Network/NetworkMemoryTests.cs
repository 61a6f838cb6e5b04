using System.Net;
using SwarmNet.Agent.Network;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Agent.Tests.Network;

public class NetworkMemoryTests
{
    private static readonly PeerEntry _peer = new(IPAddress.Parse("10.0.1.7"), 24, MacAddress.Parse("02:42:0a:00:01:07"), IPAddress.Parse("10.77.0.12")) { Key = "peer" };

    private static NetworkEndpoint Endpoint(string id, string address, bool disabled = false) =>
        new(id, "web.1." + id, "web", "svc", IPAddress.Parse("10.0.1.2"), IPAddress.Parse(address), [new PublishedPort(6, 8080, 80)], ["www"], [id], disabled);

    [Test]
    public void What_was_in_force_is_read_back_and_unreadable_files_count_as_none()
    {
        using var folder = new TemporaryFolder();
        var memory = new NetworkMemory(folder["memory"]);
        Assert.That(memory.Node.Generation, Is.Zero);
        memory.Save(new RememberedNode { Generation = 7, Members = ["10.77.0.12:7946"] });
        memory.Save("n1", Remembered());
        memory.Save("n2", Remembered());
        memory.Forget("n2");
        File.WriteAllText(Path.Combine(folder["memory"], "net-broken.json"), "{\"Network\":");
        var again = new NetworkMemory(folder["memory"]);
        Assert.Multiple(() =>
        {
            Assert.That(again.Node.Generation, Is.EqualTo(7));
            Assert.That(again.Node.Members, Is.EqualTo(new[] { "10.77.0.12:7946" }));
            Assert.That(again.Networks, Has.Count.EqualTo(1));
            Assert.That(new Remembrance(again.Networks[0]).With(Array.Empty<PeerEntry>()).Single(), Is.EqualTo(_peer));
        });
        again.Clear();
        Assert.That(Directory.GetFiles(folder["memory"]), Is.Empty);
    }

    [Test]
    public void Remembered_records_count_until_newer_ones_of_their_address_or_all_of_their_kind_are_known()
    {
        var remembrance = new Remembrance(Remembered());
        var heard = Endpoint("new", "10.0.1.7", disabled: true);
        Assert.That(remembrance.With([heard]).Select(e => (e.Id, e.IsDisabled)), Is.EqualTo(new[] { ("new", true), ("own", false), ("own2", false) }));
        remembrance.Forget("task");
        Assert.That(remembrance.With(Array.Empty<NetworkEndpoint>()).Select(e => e.Id), Is.EqualTo(new[] { "foreign", "own2" }));
        remembrance.ForgetForeign();
        Assert.That(remembrance.With(Array.Empty<NetworkEndpoint>()).Select(e => e.Id), Is.EqualTo(new[] { "own2" }));
        Assert.That(remembrance.With(Array.Empty<PeerEntry>()), Is.Empty);
    }

    private static RememberedNetwork Remembered() => new()
    {
        Network = [1, 2],
        Peers = { ["peer"] = EndpointRecords.ToBytes(_peer) },
        Endpoints =
        {
            ["foreign"] = EndpointRecords.ToBytes(Endpoint("foreign", "10.0.1.7")),
            ["own"] = EndpointRecords.ToBytes(Endpoint("own", "10.0.1.8")),
            ["own2"] = EndpointRecords.ToBytes(Endpoint("own2", "10.0.1.9")),
        },
        Tasks = { ["own"] = "task", ["own2"] = "task2" },
    };
}
