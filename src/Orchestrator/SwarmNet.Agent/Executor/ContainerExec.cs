using System.Diagnostics;

namespace SwarmNet.Agent.Executor;

/// <summary>A further process in a container; disposing of it kills what still runs.</summary>
public sealed class ContainerExec : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _file;

    internal ContainerExec(Process process, string file) => (_process, _file, Pid) = (process, file, process.Id);

    /// <summary>The runtime's process id on the node, parent of the process in the container.</summary>
    public int Pid { get; }

    /// <summary>What the process reads.</summary>
    public Stream Input => _process.StandardInput.BaseStream;

    /// <summary>What it writes.</summary>
    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>What it writes to standard error.</summary>
    public Stream Error => _process.StandardError.BaseStream;

    /// <summary>Waits for the end; the exit code.</summary>
    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
        File.Delete(_file);
        return ValueTask.CompletedTask;
    }
}
