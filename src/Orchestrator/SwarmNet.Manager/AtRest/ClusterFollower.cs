using Microsoft.Extensions.Logging;
using SwarmNet.Ca;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;
using SwarmNet.Raft;

namespace SwarmNet.Manager.AtRest;

/// <summary>
/// Does on every manager, leader or not, what the cluster object says about the manager itself: seals its keys with the unlock key of the moment,
/// or opens them, and sets how often Raft takes snapshots. Looks at the object whenever it changes, so that nothing is missed.
/// </summary>
internal sealed partial class ClusterFollower : IAsyncDisposable
{
    private static readonly TimeSpan s_retryInterval = TimeSpan.FromSeconds(5);

    private readonly ClusterStore _store;
    private readonly KeyFile _file;
    private readonly NodeSecurity _security;
    private readonly IRaftSettings _raft;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Task _stopped;
    private readonly Task _loop;

    // The loop's own: the key that Raft writes with, and the work on what older keys encrypt, for the key that was the newest when it began.
    private ReadOnlyMemory<byte> _dataKey;
    private ReadOnlyMemory<byte> _droppingFor;
    private Task? _dropping;

    /// <summary>
    /// Starts. The Raft node was opened with the keys that <paramref name="file"/> holds; from now on the private key of the certificate is sealed
    /// when they are. Throws <see cref="IOException"/>.
    /// </summary>
    public ClusterFollower(ClusterStore store, KeyFile file, NodeSecurity security, IRaftSettings raft, TimeProvider time, ILogger logger)
    {
        (_store, _file, _security, _raft, _time, _logger) = (store, file, security, raft, time, logger);
        security.Seal(file.CertificateKey);
        _dataKey = file.Contents.Keys.DataKeys[0];
        _stopped = Task.Delay(Timeout.InfiniteTimeSpan, _stop.Token);
        _loop = Task.Run(FollowAsync);
    }

    /// <summary>What the manager's keys are sealed with; null = they are in the clear.</summary>
    public UnlockKey? UnlockKey
    {
        get
        {
            lock (_gate)
            {
                return _file.UnlockKey;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _stop.Dispose();
    }

    private async Task FollowAsync()
    {
        using var changes = _store.Watch(static change => change.Subject is Cluster);
        try
        {
            var next = changes.Events.WaitToReadAsync(_stop.Token).AsTask();
            do
            {
                if (next.IsCompleted)
                {
                    while (changes.Events.TryRead(out _))
                    {
                    }

                    next = changes.Events.WaitToReadAsync(_stop.Token).AsTask();
                }

                await Task.WhenAny(next, await SettleOrWaitAsync());
                _stop.Token.ThrowIfCancellationRequested();
            }
            while (!next.IsCompleted || await next);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
        finally
        {
            await _stop.CancelAsync();
            await (_dropping ?? Task.CompletedTask).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Does what is to be done now; the task after which there is more to do, beside changes of the cluster.</summary>
    private async Task<Task> SettleOrWaitAsync()
    {
        try
        {
            await SettleAsync();
            return _dropping ?? _stopped;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CaException or RaftException)
        {
            LogFailed(_logger, e.Message);
            return Task.Delay(s_retryInterval, _time, _stop.Token);
        }
    }

    private async Task SettleAsync()
    {
        if (_store.View.Cluster is not { } cluster)
        {
            return;
        }

        _raft.SetSnapshots(
            (int)Math.Min(cluster.Spec.Raft?.SnapshotInterval ?? 0, int.MaxValue), (int)Math.Clamp(cluster.Spec.Raft?.KeepOldSnapshots ?? 0, 1, int.MaxValue));
        Seal(cluster);
        var newest = _file.Contents.Keys.DataKeys[0];
        if (!newest.Span.SequenceEqual(_dataKey.Span))
        {
            // It is in its file before anything is encrypted with it.
            await _raft.AddDataKeyAsync(newest, _stop.Token);
            _dataKey = newest;
        }

        await DropOlderKeysAsync();
    }

    /// <summary>Brings the file in line with the cluster object.</summary>
    private void Seal(Cluster cluster)
    {
        lock (_gate)
        {
            var version = cluster.Meta.Version.Index;
            var unlockKey = ClusterLock.KeyOf(cluster);
            var before = _file.UnlockKey;

            // A log that is replayed shows old versions of the cluster: they are over.
            if (version > _file.Contents.ClusterVersion && !Equals(unlockKey, before))
            {
                var keys = before is null ? _file.Contents.Keys.Renew() : _file.Contents.Keys;
                _file.Save(new KeyFileContents(keys, version), unlockKey);
                LogSealed(_logger, unlockKey is null ? "in the clear" : before is null ? "sealed" : "sealed with a new unlock key", version);
            }

            // After the keys: a private key in the clear can be read with them, a sealed one not without them.
            _security.Seal(_file.CertificateKey);
        }
    }

    /// <summary>Goes on by itself, as it may have to wait for other managers; once it is done, the older keys leave the file.</summary>
    private async Task DropOlderKeysAsync()
    {
        if (_dropping is { IsCompleted: true } done)
        {
            _dropping = null;
            await done;
            if (_droppingFor.Span.SequenceEqual(_dataKey.Span))
            {
                lock (_gate)
                {
                    _file.Save(_file.Contents with { Keys = _file.Contents.Keys.WithNewestOnly() }, _file.UnlockKey);
                }
            }
        }

        if (_file.Contents.Keys.DataKeys.Count > 1 && _dropping is null)
        {
            _droppingFor = _dataKey;
            _dropping = _raft.DropOlderDataKeysAsync(_stop.Token);
        }
    }

    [LoggerMessage(2050, LogLevel.Information, "The manager's keys are {State} since version {Version} of the cluster")]
    private static partial void LogSealed(ILogger logger, string state, ulong version);

    [LoggerMessage(2051, LogLevel.Error, "The manager's keys could not be brought in line with the cluster, which is tried again: {Reason}")]
    private static partial void LogFailed(ILogger logger, string reason);
}
