namespace SwarmNet.Raft;

/// <summary>Carries messages between nodes. Losing, repeating or reordering them is allowed; changing them is not.</summary>
public interface IRaftTransport
{
    /// <summary>
    /// Queues a message to <see cref="RaftMessage.To"/>. Called on the node's own thread: must not block or throw; drop what cannot be queued.
    /// Its entries are valid until the call returns: encode or copy them.
    /// Messages that arrive go to <see cref="RaftNode.TryReceive"/> or <see cref="RaftNode.ReceiveAsync"/>.
    /// </summary>
    void Send(in RaftMessage message);

    /// <summary>Called on the same thread after some messages that belong together: a transport that gathers them sends them off now.</summary>
    void Flush()
    {
    }
}
