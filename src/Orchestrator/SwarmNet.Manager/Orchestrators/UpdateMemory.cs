namespace SwarmNet.Manager.Orchestrators;

/// <summary>
/// When tasks were seen to reach RUNNING: the one thing that an update needs and the store forgets once a task has ended. A leader that
/// does not know judges by the task's age.
/// </summary>
internal sealed class UpdateMemory
{
    private readonly Dictionary<string, DateTimeOffset> _upSince = new(StringComparer.Ordinal);

    public DateTimeOffset? UpSince(string taskId) => _upSince.TryGetValue(taskId, out var time) ? time : null;

    public void Up(string taskId, DateTimeOffset at) => _upSince.TryAdd(taskId, at);

    public void Forget(string taskId) => _upSince.Remove(taskId);

    public void Clear() => _upSince.Clear();
}
