using SwarmNet.Protocol;

namespace SwarmNet.Agent.Tasks;

/// <summary>
/// A task's states on its node, as pure functions (SwarmKit <c>agent/exec.Do</c>): which step comes next, and which status
/// a step leaves behind. States only move forward.
/// </summary>
internal static class TaskStateMachine
{
    /// <summary>The step for a task observed in <paramref name="observed"/> whose assignment wants <paramref name="desired"/>.</summary>
    public static TaskStep Next(TaskState observed, TaskState desired)
    {
        if (observed >= TaskState.Complete)
        {
            return TaskStep.Idle;
        }

        if (desired >= TaskState.Shutdown)
        {
            return TaskStep.Shutdown;
        }

        if (observed > desired)
        {
            return TaskStep.Idle;
        }

        return observed switch
        {
            // A step that has begun is finished even where the desired state equals the observed one.
            TaskState.Preparing => TaskStep.Prepare,
            TaskState.Starting => TaskStep.Start,
            TaskState.Running => TaskStep.Wait,
            _ when observed >= desired => TaskStep.Idle,
            _ => TaskStep.Advance,
        };
    }

    /// <summary>The status after <paramref name="step"/> succeeded. Never earlier than <paramref name="status"/>.</summary>
    public static TaskStatus Succeeded(TaskStatus status, TaskStep step)
    {
        var (state, message) = step switch
        {
            TaskStep.Advance when status.State < TaskState.Accepted => (TaskState.Accepted, "accepted"),
            TaskStep.Advance when status.State == TaskState.Accepted => (TaskState.Preparing, "preparing"),
            TaskStep.Advance when status.State == TaskState.Ready => (TaskState.Starting, "starting"),
            TaskStep.Prepare => (TaskState.Ready, "prepared"),
            TaskStep.Start => (TaskState.Running, "started"),
            TaskStep.Wait => (TaskState.Complete, "finished"),
            TaskStep.Shutdown => (TaskState.Shutdown, "shutdown"),
            _ => throw new InvalidOperationException($"The step {step} cannot follow the state {status.State}."),
        };
        return Moved(status, state, message, "");
    }

    /// <summary>The status after a step failed for good: REJECTED before STARTING, FAILED from there on; the message stays.</summary>
    public static TaskStatus Failed(TaskStatus status, string error) =>
        Moved(status, status.State < TaskState.Starting ? TaskState.Rejected : TaskState.Failed, status.Message, error);

    /// <summary>The error of a process that ended with a code other than zero.</summary>
    public static string NonZeroExit(int exitCode) => $"task: non-zero exit ({exitCode})";

    private static TaskStatus Moved(TaskStatus status, TaskState state, string message, string error)
    {
        if (state < status.State)
        {
            throw new InvalidOperationException($"A task may not go back from {status.State} to {state}.");
        }

        var next = status.Clone();
        next.State = state;
        next.Message = message;
        next.Err = error;
        return next;
    }
}
