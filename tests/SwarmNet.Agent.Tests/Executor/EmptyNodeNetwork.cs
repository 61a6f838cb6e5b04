using System.Collections.Concurrent;
using System.Net;
using SwarmNet.Agent.Network;
using SwarmNet.Agent.Tasks;
using SwarmNet.Linux;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Tests.Executor;

/// <summary>A node network whose sandboxes are namespaces with loopback only, and which notes what it was told.</summary>
internal sealed class EmptyNodeNetwork(string folder) : INodeNetwork
{
    public ConcurrentQueue<string> Calls { get; } = new();

    public int FailuresLeft { get; set; }

    public Task<TaskSandbox> CreateSandboxAsync(SwarmTask task, string containerId, CancellationToken cancellationToken)
    {
        Calls.Enqueue("create " + task.Id);
        if (FailuresLeft > 0)
        {
            FailuresLeft--;
            throw new TaskException("node is missing network attachments, ip addresses may be exhausted");
        }

        Directory.CreateDirectory(folder);
        var path = Path.Combine(folder, task.Id);
        if (!File.Exists(path))
        {
            NetworkNamespace.Create(path).Dispose();
        }

        return Task.FromResult(new TaskSandbox(path, [IPAddress.Parse("10.9.8.7")], "nameserver 127.0.0.11\n", null));
    }

    public Task EnableServiceAsync(string taskId, CancellationToken cancellationToken)
    {
        Calls.Enqueue("enable " + taskId);
        return Task.CompletedTask;
    }

    public Task DisableServiceAsync(string taskId, CancellationToken cancellationToken)
    {
        Calls.Enqueue("disable " + taskId);
        return Task.CompletedTask;
    }

    public Task RemoveSandboxAsync(string taskId, CancellationToken cancellationToken)
    {
        Calls.Enqueue("remove " + taskId);
        if (File.Exists(Path.Combine(folder, taskId)))
        {
            NetworkNamespace.Delete(Path.Combine(folder, taskId));
        }

        return Task.CompletedTask;
    }
}
