using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Tasks;

/// <summary>
/// Drives one task: asks <see cref="TaskStateMachine"/> for the next step, has the controller do it, publishes the status.
/// One loop owns the status; the assignment is swapped from outside. A new desired state cancels the step in progress.
/// </summary>
internal sealed partial class TaskManager : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly ITaskController _controller;
    private readonly Func<string, TaskStatus, Task> _publish;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private readonly Task _loop;

    // Under _gate: the assignment, what happens when it changes, and the step to cancel.
    private SwarmTask _task;
    private TaskCompletionSource _changed = NewSignal();
    private CancellationTokenSource? _step;

    private volatile TaskStatus _status;

    /// <summary>Starts the loop at once.</summary>
    /// <param name="task">The assignment.</param>
    /// <param name="status">Where the task stands: its last published status, or the one in the assignment.</param>
    /// <param name="controller">Owned by the manager from here on.</param>
    /// <param name="publish">Makes a status durable, then reports it; awaited before the next step begins.</param>
    /// <param name="time">Clock of time stamps and retries.</param>
    /// <param name="logger">Logger.</param>
    public TaskManager(
        SwarmTask task, TaskStatus status, ITaskController controller, Func<string, TaskStatus, Task> publish, TimeProvider time, ILogger logger)
    {
        (_task, _status, _controller, _publish, _time, _logger) = (task, status.Clone(), controller, publish, time, logger);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>The last status; never changed in place.</summary>
    public TaskStatus Status => _status;

    /// <summary>A newer assignment of the same task. The desired state never goes back.</summary>
    public void Update(SwarmTask task)
    {
        TaskCompletionSource changed;
        CancellationTokenSource? cancel = null;
        lock (_gate)
        {
            if (task.DesiredState < _task.DesiredState)
            {
                task = task.Clone();
                task.DesiredState = _task.DesiredState;
            }

            if (task.DesiredState != _task.DesiredState)
            {
                cancel = _step;
            }

            (_task, changed, _changed) = (task, _changed, NewSignal());
            cancel?.Cancel();
        }

        changed.TrySetResult();
    }

    /// <summary>The assignment is gone: ends the loop, stops and removes everything of the task; retried until it succeeds.</summary>
    public async Task RemoveAsync(CancellationToken cancellationToken)
    {
        await StopLoopAsync();
        while (true)
        {
            try
            {
                await _controller.RemoveAsync(cancellationToken);
                break;
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                LogRemoveFailed(_task.Id, e.Message);
                await Task.Delay(RetryDelay, _time, cancellationToken);
            }
        }

        await _controller.DisposeAsync();
    }

    /// <summary>The daemon ends: ends the loop and leaves what runs running.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopLoopAsync();
        await _controller.DisposeAsync();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task StopLoopAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
    }

    private async Task RunAsync()
    {
        SwarmTask? known = null;
        while (!_stopping.IsCancellationRequested)
        {
            SwarmTask task;
            Task changed;
            CancellationTokenSource step;
            lock (_gate)
            {
                (task, changed) = (_task, _changed.Task);
                _step = step = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            }

            try
            {
                if (known is not null && !ReferenceEquals(known, task))
                {
                    await _controller.UpdateAsync(task, step.Token);
                }

                known = task;
                await StepAsync(task, changed, step.Token);
            }
            catch (OperationCanceledException) when (step.IsCancellationRequested)
            {
                // A newer desired state, or the end; neither is an error of the task.
            }
            catch (Exception e)
            {
                // The step's own errors are handled inside: this is a status that could not be made durable. Nothing was reported.
                LogStatusNotStored(task.Id, e.Message);
                await PauseAsync(changed);
            }
            finally
            {
                lock (_gate)
                {
                    _step = null;
                }

                step.Dispose();
            }
        }
    }

    private async Task StepAsync(SwarmTask task, Task changed, CancellationToken cancellationToken)
    {
        var step = TaskStateMachine.Next(_status.State, task.DesiredState);
        if (step == TaskStep.Idle)
        {
            await changed.WaitAsync(cancellationToken);
            return;
        }

        TaskStatus next;
        try
        {
            next = await PerformAsync(step, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (TaskException e) when (e.IsTemporary)
        {
            LogRetry(task.Id, step, e.Message);
            await PauseAsync(changed);
            return;
        }
        catch (Exception e)
        {
            LogFailed(task.Id, step, e.Message);
            next = TaskStateMachine.Failed(_status, e.Message);
        }

        await PublishAsync(task.Id, next);
    }

    private async Task<TaskStatus> PerformAsync(TaskStep step, CancellationToken cancellationToken)
    {
        switch (step)
        {
            case TaskStep.Prepare:
                await _controller.PrepareAsync(cancellationToken);
                break;
            case TaskStep.Start:
                await _controller.StartAsync(cancellationToken);
                break;
            case TaskStep.Wait when await _controller.WaitAsync(cancellationToken) is var exitCode and not 0:
                return TaskStateMachine.Failed(_status, TaskStateMachine.NonZeroExit(exitCode));
            case TaskStep.Shutdown:
                await _controller.ShutdownAsync(cancellationToken);
                break;
        }

        return TaskStateMachine.Succeeded(_status, step);
    }

    private async Task PublishAsync(string taskId, TaskStatus next)
    {
        next.Timestamp = Timestamp.FromDateTimeOffset(_time.GetUtcNow());
        next.Container = _controller.ContainerStatus ?? new ContainerStatus();
        next.PortStatus = _controller.PortStatus ?? new PortStatus();
        await _publish(taskId, next);
        _status = next;
    }

    private async Task PauseAsync(Task changed)
    {
        try
        {
            await Task.WhenAny(Task.Delay(RetryDelay, _time, _stopping.Token), changed);
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }
}
