using SwarmNet.Protocol;

namespace SwarmNet.Agent.Session;

public sealed class RemoteManagersTests
{
    private static readonly Peer s_one = new() { NodeId = "n1", Addr = "10.0.0.1:2377" };
    private static readonly Peer s_two = new() { NodeId = "n2", Addr = "10.0.0.2:2377" };

    [Test]
    public void Weights_follow_experience_smoothed_by_a_half()
    {
        var managers = new RemoteManagers();
        managers.Observe(s_one, 10);
        Assert.That(managers.Weight(s_one), Is.EqualTo(5));
        managers.Observe(s_one, 10);
        Assert.That(managers.Weight(s_one), Is.EqualTo(8), "7.5, rounded up");
        managers.ObserveIfKnown(s_one, -10);
        Assert.That(managers.Weight(s_one), Is.EqualTo(-1));
        managers.Observe(s_one, 100_000);
        Assert.That(managers.Weight(s_one), Is.LessThanOrEqualTo(128));
        managers.ObserveIfKnown(s_two, 10);
        Assert.That(managers.Weight(s_two), Is.Null);
    }

    [Test]
    public void Good_managers_are_picked_by_weight_and_bad_ones_only_when_alone()
    {
        var random = new Random(TestSeed.Next());
        var managers = new RemoteManagers();
        Assert.That(managers.Select(random), Is.Null);
        managers.Observe(s_one, 100);
        managers.Observe(s_two, 10);
        var picks = Enumerable.Range(0, 2000).Select(_ => managers.Select(random)!).CountBy(peer => peer.NodeId).ToDictionary();
        Assert.That(picks["n1"], Is.GreaterThan(picks["n2"] * 4), "51 to 6");
        Assert.That(picks["n2"], Is.GreaterThan(20));
        managers.Observe(s_two, -100);
        Assert.That(Enumerable.Range(0, 200).Select(_ => managers.Select(random)!.NodeId), Is.All.EqualTo("n1"));
        managers.Observe(s_one, -200);
        Assert.That(Enumerable.Range(0, 500).Select(_ => managers.Select(random)!.NodeId).Distinct(), Is.EquivalentTo(new[] { "n1", "n2" }));
    }

    [Test]
    public void A_list_replaces_what_was_known_unless_it_names_nobody()
    {
        var managers = new RemoteManagers();
        managers.Observe(new Peer { Addr = "10.0.0.1:2377" }, 10);
        Assert.That(managers.Replace([]), Is.False);
        Assert.That(managers.Replace([new WeightedPeer(), new WeightedPeer { Peer = new Peer { NodeId = "x" } }]), Is.False);
        Assert.That(managers.All, Has.Count.EqualTo(1));
        Assert.That(managers.Replace([new WeightedPeer { Peer = s_two, Weight = 10 }, new WeightedPeer { Peer = s_one, Weight = 10 }]));
        Assert.That(managers.All, Is.EqualTo(new[] { s_one, s_two }));
        Assert.That(managers.Replace([new WeightedPeer { Peer = s_one, Weight = 10 }, new WeightedPeer { Peer = s_two, Weight = 10 }]), Is.False);
    }

    [Test]
    public void The_list_survives_on_disk_in_Dockers_shape()
    {
        var folder = Directory.CreateTempSubdirectory("swarmnet-remotes").FullName;
        try
        {
            Assert.That(RemoteManagersFile.Load(folder), Is.Empty);
            RemoteManagersFile.Save(folder, [s_one, s_two]);
            Assert.That(
                File.ReadAllText(Path.Combine(folder, "state.json")),
                Is.EqualTo("""[{"node_id":"n1","addr":"10.0.0.1:2377"},{"node_id":"n2","addr":"10.0.0.2:2377"}]"""));
            Assert.That(RemoteManagersFile.Load(folder), Is.EqualTo(new[] { s_one, s_two }));
            foreach (var bad in new[] { "", "{", "[1]", "[{\"addr\":7}]", "null" })
            {
                File.WriteAllText(Path.Combine(folder, "state.json"), bad);
                Assert.That(RemoteManagersFile.Load(folder), Is.Empty, bad);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public void Pauses_grow_to_eight_seconds_and_begin_anew()
    {
        var backoff = new SessionBackoff(new Random(TestSeed.Next()));
        foreach (var limit in new[] { 0.1, 0.3, 0.7, 1.5, 3.1, 6.3, 8, 8 })
        {
            Assert.That(backoff.Next(), Is.InRange(TimeSpan.Zero, TimeSpan.FromSeconds(limit)));
            Assert.That(backoff.Limit, Is.EqualTo(TimeSpan.FromSeconds(limit)));
        }

        backoff.Reset();
        backoff.Next();
        Assert.That(backoff.Limit, Is.EqualTo(TimeSpan.FromSeconds(0.1)));
    }
}
