using System.Threading.Channels;
using SwarmNet.Manager.AtRest;

namespace SwarmNet.Manager.Tests.AtRest;

/// <summary>Stands for a Raft node: what it was told, and work on older keys that ends when the test says so.</summary>
internal sealed class RecordedRaft : IRaftSettings
{
    private readonly Channel<string> _calls = Channel.CreateUnbounded<string>();
    private TaskCompletionSource _dropped = new();

    public Exception? NextFailure { get; set; }

    public void SetSnapshots(int entries, int oldSnapshots) => _calls.Writer.TryWrite($"snapshot each {entries}, {oldSnapshots} old");

    public Task AddDataKeyAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
    {
        if (NextFailure is { } failure)
        {
            NextFailure = null;
            return Task.FromException(failure);
        }

        _calls.Writer.TryWrite("key " + Convert.ToHexString(key.Span));
        return Task.CompletedTask;
    }

    public Task DropOlderDataKeysAsync(CancellationToken cancellationToken)
    {
        _calls.Writer.TryWrite("drop");
        return _dropped.Task.WaitAsync(cancellationToken);
    }

    public void Dropped() => Interlocked.Exchange(ref _dropped, new TaskCompletionSource()).SetResult();

    /// <summary>Waits for a call that begins so; others before it are passed over.</summary>
    public async Task<string> CalledAsync(string start)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var call = await _calls.Reader.ReadAsync(deadline.Token);
            if (call.StartsWith(start, StringComparison.Ordinal))
            {
                return call;
            }
        }
    }
}
