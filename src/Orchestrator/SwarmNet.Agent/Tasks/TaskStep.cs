namespace SwarmNet.Agent.Tasks;

/// <summary>What the task manager does next for a task.</summary>
internal enum TaskStep
{
    /// <summary>Nothing until the assignment changes.</summary>
    Idle,

    /// <summary>Moves to the next state without work: accepted, preparing, starting.</summary>
    Advance,

    /// <summary><see cref="ITaskController.PrepareAsync"/>.</summary>
    Prepare,

    /// <summary><see cref="ITaskController.StartAsync"/>.</summary>
    Start,

    /// <summary><see cref="ITaskController.WaitAsync"/>.</summary>
    Wait,

    /// <summary><see cref="ITaskController.ShutdownAsync"/>.</summary>
    Shutdown,
}
