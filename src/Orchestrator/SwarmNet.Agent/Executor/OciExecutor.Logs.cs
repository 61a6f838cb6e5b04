using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.Agent.Session;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Executor;

public sealed partial class OciExecutor : ILogSource
{
    /// <inheritdoc />
    public async IAsyncEnumerable<LogMessage> ReadAsync(
        LogSelector selector, LogSubscriptionOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var lines = Channel.CreateBounded<LogMessage>(256);
        var reading = Task.Run(() => ReadAllAsync(selector, options, lines.Writer, ending.Token), CancellationToken.None);
        try
        {
            await foreach (var line in lines.Reader.ReadAllAsync(cancellationToken))
            {
                yield return line;
            }
        }
        finally
        {
            await ending.CancelAsync();
            await reading;
        }
    }

    /// <summary>The output of one container; throws <see cref="KeyNotFoundException"/> when there is none of that id.</summary>
    public IAsyncEnumerable<ContainerLogEntry> ReadLogAsync(string containerId, ContainerLogQuery query, CancellationToken cancellationToken)
    {
        var container = Containers.Get(containerId) ?? throw new KeyNotFoundException($"No such container: {containerId}");
        lock (_starting)
        {
            return OpenLog(container).ReadAsync(query, cancellationToken);
        }
    }

    private static bool Matches(LogSelector selector, SwarmTask task) =>
        selector.TaskIds.Contains(task.Id) || selector.ServiceIds.Contains(task.ServiceId) || selector.NodeIds.Contains(task.NodeId);

    private async Task ReadAllAsync(LogSelector selector, LogSubscriptionOptions options, ChannelWriter<LogMessage> lines, CancellationToken cancellationToken)
    {
        var readers = new Dictionary<string, Task>(StringComparer.Ordinal);
        try
        {
            while (true)
            {
                var changed = Containers.Changed;
                foreach (var container in Containers.All.Where(c => !readers.ContainsKey(c.Id) && Matches(selector, c.Task)))
                {
                    readers[container.Id] = Task.Run(() => ReadOneAsync(container, options, lines, cancellationToken), CancellationToken.None);
                }

                if (!options.Follow)
                {
                    break;
                }

                await changed.WaitAsync(cancellationToken);
            }

            await Task.WhenAll(readers.Values);
            lines.TryComplete();
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(readers.Values.Select(r => r.ContinueWith(static _ => { }, TaskScheduler.Default)));
            lines.TryComplete();
        }
        catch (Exception e)
        {
            lines.TryComplete(e);
        }
    }

    private async Task ReadOneAsync(Container container, LogSubscriptionOptions options, ChannelWriter<LogMessage> lines, CancellationToken cancellationToken)
    {
        var query = new ContainerLogQuery
        {
            Output = options.Streams.Count == 0 || options.Streams.Contains(LogStream.Stdout),
            Error = options.Streams.Count == 0 || options.Streams.Contains(LogStream.Stderr),
            Follow = options.Follow,
            Since = options.Since?.ToDateTimeOffset(),
            Tail = options.Tail < 0 ? (int)Math.Min(int.MaxValue, -(options.Tail + 1)) : null,
        };
        var context = new LogContext { ServiceId = container.Task.ServiceId, NodeId = container.Task.NodeId, TaskId = container.Task.Id };
        await foreach (var entry in ReadLogAsync(container.Id, query, cancellationToken))
        {
            await lines.WriteAsync(
                new LogMessage
                {
                    Context = context,
                    Timestamp = Timestamp.FromDateTimeOffset(entry.Time),
                    Stream = entry.IsError ? LogStream.Stderr : LogStream.Stdout,
                    Data = ByteString.CopyFrom(entry.Line.Span),
                },
                cancellationToken);
        }
    }
}
