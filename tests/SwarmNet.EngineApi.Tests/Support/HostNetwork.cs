using SwarmNet.Agent.Network;

namespace SwarmNet.EngineApi.Tests.Support;

/// <summary>Containers in the namespace of the test itself: enough where no traffic is wanted.</summary>
internal sealed class HostNetwork : INodeNetwork
{
    public Task<TaskSandbox> CreateSandboxAsync(SwarmTask task, string containerId, CancellationToken cancellationToken) =>
        Task.FromResult(new TaskSandbox($"/proc/{Environment.ProcessId}/ns/net", [], "", null));

    public Task EnableServiceAsync(string taskId, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task DisableServiceAsync(string taskId, CancellationToken cancellationToken) => Task.CompletedTask;

    public Task RemoveSandboxAsync(string taskId, CancellationToken cancellationToken) => Task.CompletedTask;
}
