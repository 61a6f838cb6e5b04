namespace SwarmNet.EngineApi.Runtime;

/// <summary>A process started in a container; disposing of it kills what still runs.</summary>
public interface IExecProcess : IAsyncDisposable
{
    /// <summary>Process id on the node.</summary>
    int Pid { get; }

    /// <summary>What the process reads.</summary>
    Stream Input { get; }

    /// <summary>What the process writes; the terminal's output when it has one.</summary>
    Stream Output { get; }

    /// <summary>What the process writes to standard error; null with a terminal.</summary>
    Stream? Error { get; }

    /// <summary>Waits for the end; the exit code.</summary>
    Task<int> WaitAsync(CancellationToken cancellationToken);

    /// <summary>Sets the size of the terminal.</summary>
    Task ResizeAsync(int rows, int columns, CancellationToken cancellationToken);
}
