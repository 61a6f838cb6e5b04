using Microsoft.AspNetCore.Http;
using SwarmNet.Ca;
using SwarmNet.Grpc;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Raft;

/// <summary>
/// The way from this manager to the one that leads: requests that only the leader can answer are passed on over one connection. It is given up
/// soon after another manager leads, so that nobody waits on a leader that is gone without a word.
/// </summary>
internal sealed class LeaderLink : IDisposable
{
    // What the old leader has begun may still end well.
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(1);

    // An election takes about a second.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly Func<NodeCertificate> _certificate;
    private readonly TimeProvider _time;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RaftPeer? _leader;
    private GrpcChannel? _channel;
    private NodeCertificate? _channelCertificate;

    public LeaderLink(Func<NodeCertificate> certificate, TimeProvider time) => (_certificate, _time) = (certificate, time);

    /// <summary>Who leads; null while it is this manager or nobody.</summary>
    public RaftPeer? Leader
    {
        get
        {
            lock (_lock)
            {
                return _leader;
            }
        }
    }

    /// <summary>Ends when the leader changes, or this manager begins or ends to lead.</summary>
    public Task Changed
    {
        get
        {
            lock (_lock)
            {
                return _changed.Task;
            }
        }
    }

    /// <summary>Takes note of who leads now.</summary>
    public void Use(RaftPeer? leader)
    {
        TaskCompletionSource changed;
        lock (_lock)
        {
            if (_leader != leader)
            {
                _leader = leader;
                Drop();
            }

            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.TrySetResult();
    }

    /// <summary>
    /// Waits for a request's sake until there may be another leader than when <paramref name="changed"/> was read from <see cref="Changed"/>; false
    /// when the request, which began at <paramref name="started"/> (a timestamp), has waited long enough.
    /// </summary>
    public async Task<bool> IsChangedAsync(Task changed, long started, CancellationToken cancellationToken)
    {
        var left = s_patience - _time.GetElapsedTime(started);
        if (left <= TimeSpan.Zero)
        {
            return false;
        }

        await Task.WhenAny(changed, Task.Delay(left, _time, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        return true;
    }

    /// <summary>
    /// Passes the request on to the leader, as one of <paramref name="caller"/>'s (<see cref="Certificates.ForwardedCall"/>). False when there is
    /// none, or it cannot be reached and has seen nothing of the request. Throws as <see cref="GrpcChannel.TryForwardAsync"/>.
    /// </summary>
    public async Task<bool> TryForwardAsync(HttpContext http, string pathAndQuery, string? caller) =>
        Channel() is { } channel && await channel.TryForwardAsync(
            http, pathAndQuery, caller is null ? [] : [new KeyValuePair<string, string>(Certificates.ForwardedCall.Header, caller)]);

    public void Dispose()
    {
        lock (_lock)
        {
            _leader = null;
            _channel?.Dispose();
            _channel = null;
        }
    }

    private GrpcChannel? Channel()
    {
        lock (_lock)
        {
            if (_leader is null)
            {
                return null;
            }

            var certificate = _certificate();
            if (!ReferenceEquals(certificate, _channelCertificate))
            {
                Drop();
            }

            _channelCertificate = certificate;
            return _channel ??= SwarmTls.Channel(_leader.Addr, SwarmRoles.Manager, certificate.Root, certificate);
        }
    }

    private void Drop()
    {
        if (_channel is not { } old)
        {
            return;
        }

        _channel = null;
        _ = DropLaterAsync();

        async Task DropLaterAsync()
        {
            await Task.Delay(s_farewell, _time);
            old.Dispose();
        }
    }
}
