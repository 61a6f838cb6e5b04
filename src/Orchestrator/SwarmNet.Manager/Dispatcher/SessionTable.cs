using SwarmNet.Grpc;

namespace SwarmNet.Manager.Dispatcher;

/// <summary>
/// Which nodes have a session, and until when they live without a heartbeat. Time comes in as an argument (a monotonic clock); nothing here
/// waits. Thread-safe.
/// </summary>
internal sealed class SessionTable
{
    /// <summary>A node may register this often within <see cref="RegistrationWindow"/>.</summary>
    public const int MaxRegistrations = 3;

    /// <summary>A pause of this length since its last registration clears a node's count.</summary>
    public static readonly TimeSpan RegistrationWindow = TimeSpan.FromSeconds(8);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, NodeSession> _sessions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (int Count, TimeSpan Last)> _registrations = new(StringComparer.Ordinal);

    /// <summary>Nodes that have a session, expected ones left out.</summary>
    public List<string> Nodes
    {
        get
        {
            lock (_lock)
            {
                return [.. _sessions.Values.Where(session => !session.IsExpected).Select(session => session.NodeId)];
            }
        }
    }

    /// <summary>A new session for the node, ending its old one; null when it registers too often.</summary>
    public NodeSession? Register(string nodeId, string sessionId, TimeSpan now, TimeSpan grace)
    {
        NodeSession? replaced;
        NodeSession session;
        lock (_lock)
        {
            var (count, last) = _registrations.GetValueOrDefault(nodeId);
            count = now - last > RegistrationWindow ? 0 : count;
            if (count >= MaxRegistrations)
            {
                return null;
            }

            _registrations[nodeId] = (count + 1, now);
            _sessions.Remove(nodeId, out replaced);
            _sessions[nodeId] = session = new NodeSession(nodeId, sessionId, now + grace);
        }

        replaced?.End();
        return session;
    }

    /// <summary>The node had a session with an earlier leader and should come back.</summary>
    public void Expect(string nodeId, TimeSpan now, TimeSpan grace)
    {
        NodeSession? replaced;
        lock (_lock)
        {
            _sessions.Remove(nodeId, out replaced);
            _sessions[nodeId] = new NodeSession(nodeId, "", now + grace);
        }

        replaced?.End();
    }

    /// <summary>The node's session. Throws NotFound when it has none, InvalidArgument when it is another one.</summary>
    public NodeSession Get(string nodeId, string sessionId)
    {
        lock (_lock)
        {
            if (!_sessions.TryGetValue(nodeId, out var session) || session.IsExpected)
            {
                throw new RpcException(StatusCode.NotFound, "node not registered");
            }

            return session.SessionId == sessionId ? session : throw new RpcException(StatusCode.InvalidArgument, "session invalid");
        }
    }

    /// <summary>The node's session if it is this one, else null.</summary>
    public NodeSession? Find(string nodeId, string sessionId)
    {
        lock (_lock)
        {
            return sessionId.Length > 0 && _sessions.TryGetValue(nodeId, out var session) && session.SessionId == sessionId ? session : null;
        }
    }

    /// <summary>Whether the node has a session.</summary>
    public bool IsRegistered(string nodeId)
    {
        lock (_lock)
        {
            return _sessions.TryGetValue(nodeId, out var session) && !session.IsExpected;
        }
    }

    /// <summary>Puts the session's end off.</summary>
    public void Beat(NodeSession session, TimeSpan now, TimeSpan grace)
    {
        lock (_lock)
        {
            session.ExpiresAt = now + grace;
        }
    }

    /// <summary>Takes out, and ends, every session whose time is up.</summary>
    public List<NodeSession> TakeExpired(TimeSpan now)
    {
        List<NodeSession> expired;
        lock (_lock)
        {
            expired = [.. _sessions.Values.Where(session => session.ExpiresAt <= now)];
            expired.ForEach(session => _sessions.Remove(session.NodeId));
        }

        expired.ForEach(session => session.End());
        return expired;
    }

    /// <summary>Ends the node's session and forgets it: the node left the swarm.</summary>
    public void Remove(string nodeId)
    {
        NodeSession? session;
        lock (_lock)
        {
            _sessions.Remove(nodeId, out session);
            _registrations.Remove(nodeId);
        }

        session?.End();
    }
}
