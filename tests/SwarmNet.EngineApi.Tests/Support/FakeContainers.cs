using System.Runtime.CompilerServices;
using System.Text;
using SwarmNet.Agent.Executor;
using SwarmNet.EngineApi.Logs;
using SwarmNet.EngineApi.Runtime;

namespace SwarmNet.EngineApi.Tests.Support;

/// <summary>A container of the test, and an exec that echoes what it reads.</summary>
internal sealed class FakeContainers(params ContainerInfo[] containers) : IContainerBackend
{
    public List<string> Calls { get; } = [];

    public IReadOnlyList<ContainerInfo> List() => containers;

    public IReadOnlyList<VolumeRecord> ListVolumes() =>
        [new VolumeRecord("data", "/state/volumes/data/_data", DateTimeOffset.UnixEpoch, new Dictionary<string, string>(), "")];

    public async IAsyncEnumerable<ContainerLogLine> ReadLogsAsync(
        string id, LogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        var time = DateTimeOffset.FromUnixTimeSeconds(1795221105);
        yield return new ContainerLogLine(false, time, "out 1\n"u8.ToArray());
        yield return new ContainerLogLine(true, time, "err 1\n"u8.ToArray());
        if (query.Tail == 7)
        {
            throw new IOException("the log is gone");
        }
    }

    public Task StopAsync(string id, TimeSpan? grace, CancellationToken cancellationToken) => Note($"stop {id[..4]} {grace?.TotalSeconds}");

    public Task KillAsync(string id, int signal, CancellationToken cancellationToken) => Note($"kill {id[..4]} {signal}");

    public Task RemoveAsync(string id, bool force, CancellationToken cancellationToken) => Note($"remove {id[..4]} {force}");

    public Task<IExecProcess> StartExecAsync(string id, ExecRequest request, CancellationToken cancellationToken)
    {
        Calls.Add($"exec {id[..4]} {string.Join(' ', request.Command)}");
        return Task.FromResult<IExecProcess>(new EchoProcess(request));
    }

    private Task Note(string call)
    {
        Calls.Add(call);
        return Task.CompletedTask;
    }

    /// <summary>Echoes lines in capitals until its input ends, then says goodbye on standard error and exits with 3.</summary>
    private sealed class EchoProcess : IExecProcess
    {
        private readonly System.IO.Pipelines.Pipe input = new();
        private readonly System.IO.Pipelines.Pipe output = new();
        private readonly System.IO.Pipelines.Pipe error = new();
        private readonly Task<int> run;

        public EchoProcess(ExecRequest request)
        {
            Input = input.Writer.AsStream();
            Output = output.Reader.AsStream();
            Error = request.HasTerminal ? null : error.Reader.AsStream();
            run = RunAsync(request.HasInput);
        }

        public int Pid => 4711;

        public Stream Input { get; }

        public Stream Output { get; }

        public Stream? Error { get; }

        public Task<int> WaitAsync(CancellationToken cancellationToken) => run.WaitAsync(cancellationToken);

        public Task ResizeAsync(int rows, int columns, CancellationToken cancellationToken) => Task.CompletedTask;

        public async ValueTask DisposeAsync()
        {
            await input.Writer.CompleteAsync();
            await run;
        }

        private async Task<int> RunAsync(bool reads)
        {
            if (reads)
            {
                using var reader = new StreamReader(input.Reader.AsStream());
                while (await reader.ReadLineAsync() is { } line)
                {
                    await output.Writer.WriteAsync(Encoding.UTF8.GetBytes(line.ToUpperInvariant() + "\n"));
                }
            }
            else
            {
                await output.Writer.WriteAsync("hello\n"u8.ToArray());
            }

            await error.Writer.WriteAsync("bye\n"u8.ToArray());
            await output.Writer.CompleteAsync();
            await error.Writer.CompleteAsync();
            return 3;
        }
    }
}
