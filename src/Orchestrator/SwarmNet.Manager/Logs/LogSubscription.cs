using System.Threading.Channels;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Logs;

/// <summary>One reader of logs, and the nodes that write for it.</summary>
internal sealed class LogSubscription(string id, LogSelector selector, LogSubscriptionOptions options)
{
    // A full channel holds the publishing streams back, and flow control the nodes.
    private const int Capacity = 1024;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _nodes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _writing = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _missing = new(StringComparer.Ordinal);
    private readonly Channel<LogMessage> _messages = Channel.CreateBounded<LogMessage>(Capacity);

    public string Id { get; } = id;

    public bool Follows => options.Follow;

    public ChannelReader<LogMessage> Messages => _messages.Reader;

    /// <summary>Why lines are missing; empty when none are.</summary>
    public IReadOnlyCollection<string> Missing
    {
        get
        {
            lock (_lock)
            {
                return [.. _missing];
            }
        }
    }

    /// <summary>What a node is told.</summary>
    public SubscriptionMessage Message(bool close) => new() { Id = Id, Selector = selector, Options = options, Close = close };

    /// <summary>Whether the task is one of those asked for.</summary>
    public bool Matches(SwarmTask task)
        => selector.ServiceIds.Contains(task.ServiceId) || selector.TaskIds.Contains(task.Id) || (task.NodeId.Length > 0 && selector.NodeIds.Contains(task.NodeId));

    /// <summary>Looks which nodes have matching tasks; the ones that are new.</summary>
    public List<string> Look(StoreView view, Func<string, bool> isConnected)
    {
        var tasks = selector.ServiceIds.SelectMany(view.TasksOfService)
            .Concat(selector.TaskIds.Select(view.Tasks.Get).OfType<SwarmTask>())
            .ToList();
        lock (_lock)
        {
            var found = new List<string>();
            foreach (var nodeId in selector.NodeIds.Concat(tasks.Where(task => task.NodeId.Length > 0).Select(task => task.NodeId)))
            {
                if (!_nodes.Add(nodeId))
                {
                    continue;
                }

                if (isConnected(nodeId))
                {
                    _writing.Add(nodeId);
                    found.Add(nodeId);
                }
                else
                {
                    _missing.Add($"node {nodeId} is not available");
                }
            }

            if (!Follows)
            {
                foreach (var task in tasks.Where(task => task.NodeId.Length == 0))
                {
                    _missing.Add($"task {task.Id} has not been scheduled");
                }
            }

            CompleteIfDone();
            return found;
        }
    }

    /// <summary>Whether this node writes for this reader.</summary>
    public bool Wants(string nodeId)
    {
        lock (_lock)
        {
            return _nodes.Contains(nodeId);
        }
    }

    /// <summary>The node has written all, or (with a reason) will not.</summary>
    public void Done(string nodeId, string? missing)
    {
        lock (_lock)
        {
            if (_writing.Remove(nodeId) && missing is not null)
            {
                _missing.Add(missing);
            }

            CompleteIfDone();
        }
    }

    /// <summary>Hands a line to the reader; false when it has left.</summary>
    public async ValueTask<bool> WriteAsync(LogMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await _messages.Writer.WriteAsync(message, cancellationToken);
            return true;
        }
        catch (ChannelClosedException)
        {
            return false;
        }
    }

    /// <summary>The reader leaves.</summary>
    public void Close() => _messages.Writer.TryComplete();

    private void CompleteIfDone()
    {
        if (!Follows && _writing.Count == 0)
        {
            _messages.Writer.TryComplete();
        }
    }
}
