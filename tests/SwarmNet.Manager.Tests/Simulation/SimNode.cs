using Google.Protobuf.WellKnownTypes;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Tests.Simulation;

/// <summary>A node with its agent: takes its tasks one state further per turn, and tells the manager, as long as it is up.</summary>
internal sealed class SimNode(SimCluster cluster, string id)
{
    private static readonly TimeSpan HeartbeatLoss = TimeSpan.FromSeconds(15);
    private DateTimeOffset? _downSince;

    public string Id { get; } = id;

    public bool IsUp => _downSince is null;

    /// <summary>Chance that a task takes its next step in a turn.</summary>
    public double Speed { get; set; } = 1;

    /// <summary>Whether a task fails instead of taking its next step.</summary>
    public Func<SwarmTask, bool> Fails { get; set; } = _ => false;

    public void Kill() => _downSince ??= cluster.Now;

    /// <summary>Comes back; what it ran goes on, or (after a reboot) has failed.</summary>
    public void Return(bool rebooted)
    {
        _downSince = null;
        if (cluster.View.Nodes.Get(Id) is null)
        {
            return;
        }

        cluster.UpdateNode(Id, node => node.Status.State = NodeState.Ready);
        if (rebooted)
        {
            foreach (var task in cluster.View.TasksOfNode(Id).Where(task => task.Status.State is > TaskState.Assigned and <= TaskState.Running))
            {
                Report(task, TaskState.Failed, "lost in a reboot");
            }
        }
    }

    public void Act()
    {
        if (_downSince is { } since)
        {
            if (cluster.Now - since >= HeartbeatLoss && cluster.View.Nodes.Get(Id) is { Status.State: NodeState.Ready })
            {
                cluster.UpdateNode(Id, node => node.Status.State = NodeState.Down);
            }

            return;
        }

        foreach (var task in cluster.View.TasksOfNode(Id).Where(task => task.Status.State is >= TaskState.Assigned and <= TaskState.Running))
        {
            if (cluster.Random.NextDouble() < Speed && Next(task) is { } next && next != task.Status.State)
            {
                Report(task, next, next == TaskState.Failed ? "task: non-zero exit (1)" : string.Empty);
            }
        }
    }

    public void Report(SwarmTask task, TaskState state, string error = "") => cluster.Commit(t =>
    {
        // As the dispatcher: unknown tasks and lower states are dropped.
        if (t.View.Tasks.Get(task.Id) is not { } current || current.Status.State >= state)
        {
            return;
        }

        var changed = current.Clone();
        changed.Status.State = state;
        changed.Status.Err = error;
        changed.Status.Timestamp = cluster.Now.ToTimestamp();
        changed.Status.AppliedAt = cluster.Now.ToTimestamp();
        t.Update(changed);
    });

    private TaskState? Next(SwarmTask task)
    {
        if (task.DesiredState >= TaskState.Shutdown)
        {
            return TaskState.Shutdown;
        }

        if (Fails(task))
        {
            return task.Status.State < TaskState.Starting ? TaskState.Rejected : TaskState.Failed;
        }

        return task.Status.State switch
        {
            TaskState.Assigned => TaskState.Preparing,
            TaskState.Preparing => TaskState.Ready,
            TaskState.Ready when task.DesiredState > TaskState.Ready => TaskState.Running,
            TaskState.Running when task.DesiredState == TaskState.Complete => TaskState.Complete,
            _ => null,
        };
    }
}
