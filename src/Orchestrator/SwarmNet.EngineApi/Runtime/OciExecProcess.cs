using SwarmNet.Agent.Executor;

namespace SwarmNet.EngineApi.Runtime;

/// <summary>A process that the embedded runtime started in a container.</summary>
internal sealed class OciExecProcess(ContainerExec exec) : IExecProcess
{
    public int Pid => exec.Pid;

    public Stream Input => exec.Input;

    public Stream Output => exec.Output;

    public Stream? Error => exec.Error;

    public Task<int> WaitAsync(CancellationToken cancellationToken) => exec.WaitAsync(cancellationToken);

    public Task ResizeAsync(int rows, int columns, CancellationToken cancellationToken) =>
        throw new ApiException(409, "the process has no terminal to resize");

    public ValueTask DisposeAsync() => exec.DisposeAsync();
}
