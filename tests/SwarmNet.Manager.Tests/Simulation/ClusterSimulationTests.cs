using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Tests.Simulation;

/// <summary>Whole lives of a swarm under faults: safety after every write, and the wanted state once the faults stop.</summary>
[TestFixture]
public sealed class ClusterSimulationTests
{
    private const int Rounds = 60;

    [Test]
    public async Task A_swarm_under_random_faults_stays_safe_and_ends_in_the_wanted_state([Range(0, 7)] int run)
    {
        var seed = TestSeed.Next();
        await using var cluster = new SimCluster(seed);
        cluster.AfterStep = () => Invariants.Check(cluster);
        for (var i = 0; i < 4; i++)
        {
            cluster.AddNode().Speed = 0.5;
        }

        for (var round = 0; round < Rounds; round++)
        {
            Disturb(cluster);
            cluster.Advance(TimeSpan.FromMilliseconds(cluster.Random.Next(100, 4000)));
        }

        Heal(cluster);
        cluster.AdvanceUntil(() => IsAsWanted(cluster), TimeSpan.FromMinutes(10), $"the wanted state (seed {seed})");
        cluster.Advance(TimeSpan.FromMinutes(2));
        Assert.That(IsAsWanted(cluster), Is.True, () => $"It did not stay in the wanted state (seed {seed}).{Environment.NewLine}{cluster.Dump()}");
    }

    private static void Disturb(SimCluster cluster)
    {
        var random = cluster.Random;
        var services = cluster.View.Services.All.ToList();
        var service = services.Count > 0 ? services[random.Next(services.Count)] : null;
        var node = cluster.Nodes[random.Next(cluster.Nodes.Count)];
        switch (random.Next(12))
        {
            case 0 or 1 when services.Count < 6:
                cluster.AddService(RandomService(cluster));
                break;
            case 2 or 3 when service?.Spec.Replicated is not null:
                cluster.UpdateService(service.Id, spec => spec.Replicated.Replicas = (ulong)random.Next(7));
                break;
            case 4 or 5 when service is not null:
                cluster.UpdateService(service.Id, spec =>
                {
                    spec.Task.Container.Image = $"busybox:{random.Next(100)}";
                    spec.Update = new UpdateConfig
                    {
                        Parallelism = (ulong)random.Next(3),
                        Order = (UpdateConfig.Types.UpdateOrder)random.Next(2),
                        FailureAction = UpdateConfig.Types.FailureAction.Continue,
                    };
                });
                break;
            case 6 when service is not null:
                cluster.RemoveService(service.Id);
                break;
            case 7:
                node.Kill();
                break;
            case 8:
                node.Return(rebooted: random.Next(2) == 0);
                break;
            case 9:
                cluster.UpdateNode(node.Id, n => n.Spec.Availability = (NodeAvailability)random.Next(3));
                break;
            case 10:
                cluster.Elect();
                break;
            default:
                foreach (var task in cluster.View.TasksOfNode(node.Id).Where(task => task.Status.State == TaskState.Running && node.IsUp).Take(2))
                {
                    node.Report(task, TaskState.Failed, "task: non-zero exit (137)");
                }

                break;
        }
    }

    private static ServiceSpec RandomService(SimCluster cluster)
    {
        var random = cluster.Random;
        var name = cluster.NewId("svc");
        if (random.Next(4) == 0)
        {
            return Specs.Global(name);
        }

        var networks = random.Next(2) == 0 ? [] : new[] { cluster.AddNetwork(cluster.NewId("net"), ipv6: random.Next(2) == 0) };
        var spec = Specs.Replicated(name, (ulong)random.Next(6), networks);
        return random.Next(2) == 0 ? spec : spec.Publish(Specs.Port(80, 0));
    }

    private static void Heal(SimCluster cluster)
    {
        foreach (var node in cluster.Nodes)
        {
            node.Return(rebooted: false);
            cluster.UpdateNode(node.Id, n => n.Spec.Availability = NodeAvailability.Active);
        }
    }

    private static bool IsAsWanted(SimCluster cluster)
    {
        foreach (var service in cluster.View.Services.All)
        {
            var wanted = service.Spec.Replicated is { } replicated ? (int)replicated.Replicas : cluster.Nodes.Count;
            var runnable = cluster.View.TasksOfService(service.Id).Where(task => task.IsRunnable()).ToList();
            if (runnable.Count != wanted
                || runnable.Any(task => task.Status.State != TaskState.Running || task.DesiredState != TaskState.Running
                    || !task.Spec.Equals(service.Spec.Task))
                || runnable.Select(SlotKey.Of).Distinct().Count() != wanted)
            {
                return false;
            }
        }

        // Nothing is left of services that are gone, and no slot keeps more than its history.
        return cluster.View.Tasks.All.All(task => cluster.View.Services.Get(task.ServiceId) is not null)
            && cluster.View.Tasks.All.GroupBy(SlotKey.Of).All(slot => slot.Count() <= 5);
    }
}
