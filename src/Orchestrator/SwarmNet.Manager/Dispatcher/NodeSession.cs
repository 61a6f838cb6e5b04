using System.Diagnostics.CodeAnalysis;

namespace SwarmNet.Manager.Dispatcher;

/// <summary>One registration of one node. Its streams end when <see cref="Ended"/> is cancelled.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The cancellation source holds no timer and no handle, and streams may outlive the session.")]
internal sealed class NodeSession(string nodeId, string sessionId, TimeSpan expiresAt)
{

    private readonly CancellationTokenSource _ended = new();

    public string NodeId { get; } = nodeId;

    /// <summary>Empty while the node has not come back after a change of leadership.</summary>
    public string SessionId { get; } = sessionId;

    /// <summary>When the node counts as down unless it beats before; on the dispatcher's monotonic clock.</summary>
    public TimeSpan ExpiresAt { get; set; } = expiresAt;

    /// <summary>The node only is expected; see <see cref="SessionId"/>.</summary>
    public bool IsExpected => SessionId.Length == 0;

    /// <summary>Cancelled when the session is replaced, expired or removed.</summary>
    public CancellationToken Ended => _ended.Token;

    public void End() => _ended.Cancel();
}
