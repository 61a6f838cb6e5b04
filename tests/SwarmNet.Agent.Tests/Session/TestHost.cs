using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Session;

/// <summary>A worker that only notes what it is told.</summary>
internal sealed class TestHost : IAgentHost, ILogSource
{
    public NodeDescription Description { get; set; } = new() { Hostname = "host1" };

    public ConcurrentDictionary<string, TaskStatus> Statuses { get; } = new();

    public ConcurrentQueue<SessionMessage> SessionMessages { get; } = new();

    public ConcurrentQueue<AssignmentsMessage> Assignments { get; } = new();

    public List<string> Lines { get; } = [];

    public IReadOnlyCollection<KeyValuePair<string, TaskStatus>> TaskStatuses => [.. Statuses];

    /// <summary>The tasks assigned now, as a node would know them.</summary>
    public SortedSet<string> Tasks { get; } = [];

    public NodeDescription Describe() => Description;

    public ValueTask OnSessionMessageAsync(SessionMessage message, CancellationToken cancellationToken)
    {
        SessionMessages.Enqueue(message);
        return ValueTask.CompletedTask;
    }

    public ValueTask ApplyAsync(AssignmentsMessage message, CancellationToken cancellationToken)
    {
        lock (Tasks)
        {
            if (message.Type == AssignmentsMessage.Types.Type.Complete)
            {
                Tasks.Clear();
            }

            foreach (var change in message.Changes)
            {
                _ = change.Action == AssignmentChange.Types.AssignmentAction.Update
                    ? Tasks.Add(change.Assignment.Task.Id)
                    : Tasks.Remove(change.Assignment.Task.Id);
            }
        }

        Assignments.Enqueue(message);
        return ValueTask.CompletedTask;
    }

    public bool Has(params string[] tasks)
    {
        lock (Tasks)
        {
            return Tasks.SetEquals(tasks);
        }
    }

    public async IAsyncEnumerable<LogMessage> ReadAsync(
        LogSelector selector, LogSubscriptionOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var line in Lines)
        {
            yield return new LogMessage
            {
                Context = new LogContext { ServiceId = selector.ServiceIds[0], TaskId = "t1" },
                Stream = LogStream.Stdout,
                Data = ByteString.CopyFromUtf8(line),
            };
        }

        if (options.Follow)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
    }
}
