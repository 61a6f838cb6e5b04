using SwarmNet.Manager.Allocator;
using SwarmNet.Manager.Orchestrators;
using SwarmNet.Manager.Reconcile;
using SwarmNet.Manager.Store;
using SwarmNet.Manager.Tests.Store;
using SwarmNet.Protocol;
using TaskScheduler = SwarmNet.Manager.Scheduler.TaskScheduler;

namespace SwarmNet.Manager.Tests.Simulation;

/// <summary>
/// The leader's reconcilers and some nodes under one virtual clock, one step at a time. A run depends on the seed and on nothing else.
/// </summary>
internal sealed class SimCluster : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);
    private const int MaxSteps = 20_000;

    private readonly StoreFixture _fixture = new();
    private readonly List<(IReconciler Reconciler, StoreWatcher Watcher)> _leader = [];
    private int _ids;

    public SimCluster(int seed)
    {
        Random = new Random(seed);
        Commit(t => t.Create(new Cluster
        {
            Id = "cluster",
            Spec = ClusterBootstrap.WithDefaults(null),
            DefaultAddressPool = { "10.0.0.0/8" },
            SubnetSize = 24,
        }));
        AddNetwork("ingress", ingress: true);
        Elect();
    }

    public Random Random { get; }

    public List<SimNode> Nodes { get; } = [];

    public StoreView View => _fixture.View;

    public DateTimeOffset Now => _fixture.Time.Now;

    public TaskScheduler Scheduler { get; private set; } = null!;

    /// <summary>Called after every step.</summary>
    public Action? AfterStep { get; set; }

    public string NewId(string prefix = "x") => $"{prefix}{++_ids:d6}";

    /// <summary>A new leader: everything in memory is lost.</summary>
    public void Elect()
    {
        foreach (var (_, watcher) in _leader)
        {
            watcher.Dispose();
        }

        _leader.Clear();
        Scheduler = new TaskScheduler();
        IReconciler[] reconcilers =
        [
            new ClusterAllocator(), Scheduler, new ServiceReconciler(() => NewId("t")), new TaskReaper(), new ConstraintEnforcer(), new NodeMonitor(),
        ];
        foreach (var reconciler in reconcilers)
        {
            var watcher = _fixture.Store.Watch(change => reconciler.Wants(change));
            reconciler.Reset(watcher.StartView, Now);
            _leader.Add((reconciler, watcher));
        }
    }

    /// <summary>One transaction. The store's writer is another thread, but nothing happens while it works.</summary>
    public void Commit(Action<StoreTransaction> change) =>
        _fixture.Store.UpdateAsync(change, CancellationToken.None).GetAwaiter().GetResult();

    public SimNode AddNode(string? id = null)
    {
        var node = new SimNode(this, id ?? NewId("n"));
        Nodes.Add(node);
        Commit(t => t.Create(Specs.ReadyNode(node.Id)));
        return node;
    }

    public string AddNetwork(string name, bool ingress = false, bool ipv6 = false)
    {
        var id = NewId("w");
        Commit(t => t.Create(new Network
        {
            Id = id,
            Spec = new NetworkSpec { Annotations = new Annotations { Name = name }, DriverConfig = new Driver { Name = "overlay" }, Ingress = ingress, Ipv6Enabled = ipv6 },
        }));
        return id;
    }

    public string AddService(ServiceSpec spec)
    {
        var id = NewId("s");
        Commit(t => t.Create(new Service
        {
            Id = id,
            Spec = spec,
            SpecVersion = new Protocol.Version(),
            JobStatus = spec.ReplicatedJob is null && spec.GlobalJob is null ? null : new JobStatus { JobIteration = new Protocol.Version() },
        }));
        return id;
    }

    /// <summary>What a service update through the API does.</summary>
    public void UpdateService(string id, Action<ServiceSpec> change) => Commit(t =>
    {
        var service = t.View.Services.Get(id)!.Clone();
        service.PreviousSpec = service.Spec.Clone();
        service.PreviousSpecVersion = service.SpecVersion;
        service.SpecVersion = service.Meta.Version.Clone();
        service.UpdateStatus = null;
        change(service.Spec);
        t.Update(service);
    });

    public void RemoveService(string id) => Commit(t => t.Remove(t.View.Services.Get(id)!));

    public void UpdateNode(string id, Action<Node> change) => Commit(t =>
    {
        var node = t.View.Nodes.Get(id)!.Clone();
        change(node);
        t.Update(node);
    });

    public IEnumerable<SwarmTask> Running(string serviceId) => View.TasksOfService(serviceId)
        .Where(task => task.DesiredState == TaskState.Running && task.Status.State == TaskState.Running);

    /// <summary>Lets the time pass, tick by tick: nodes act, reconcilers answer.</summary>
    public void Advance(TimeSpan time)
    {
        var end = Now + time;
        Settle();
        while (Now < end)
        {
            var next = Now + Tick;
            foreach (var due in _leader.Select(entry => entry.Reconciler.Due))
            {
                next = due > Now && due < next ? due.Value : next;
            }

            _fixture.Time.Now = next;
            Nodes.ForEach(node => node.Act());
            Settle();
        }
    }

    /// <summary>Advances until the condition holds; fails after <paramref name="limit"/> of virtual time.</summary>
    public void AdvanceUntil(Func<bool> condition, TimeSpan limit, string what)
    {
        for (var end = Now + limit; !condition(); Advance(Tick))
        {
            Assert.That(Now, Is.LessThan(end), () => $"Not within {limit}: {what}.{Environment.NewLine}{Dump()}");
        }
    }

    public string Dump() => string.Join(Environment.NewLine, View.Tasks.All.Select(task =>
        $"{task.Id} {task.ServiceId}.{task.Slot} on {task.NodeId}: {task.Status.State} wanted {task.DesiredState} v{task.SpecVersion?.Index} {task.Status.Err}"));

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    private void Settle()
    {
        var steps = 0;
        for (var isBusy = true; isBusy;)
        {
            isBusy = false;
            foreach (var (reconciler, watcher) in _leader)
            {
                while (watcher.Events.TryRead(out var change))
                {
                    Assert.That(change.Kind, Is.Not.EqualTo(StoreEventKind.Resync));
                    reconciler.Observe(change, Now);
                }

                if (reconciler.Due <= Now)
                {
                    isBusy = true;
                    Assert.That(++steps, Is.LessThan(MaxSteps), () => $"{reconciler.GetType().Name} does not settle.{Environment.NewLine}{Dump()}");
                    if (reconciler.Plan(View, Now) is { } batch)
                    {
                        Commit(batch.Apply);
                        batch.Committed();
                        AfterStep?.Invoke();
                    }
                    else
                    {
                        Assert.That(reconciler.Due is null || reconciler.Due > Now, Is.True, $"{reconciler.GetType().Name} has nothing to do and wants to do it now.");
                    }
                }
            }
        }
    }
}
