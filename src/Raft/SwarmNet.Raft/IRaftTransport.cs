namespace SwarmNet.Raft;

/// <summary>Carries messages between nodes. Losing, repeating or reordering them is allowed; changing them is not.</summary>
public interface IRaftTransport
{
    /// <summary>
    /// Queues a message to <see cref="RaftMessage.To"/>. Called on the node's own thread: must not block or throw; drop what cannot be queued.
    /// Its entries are valid until the call returns: encode or copy them.
    /// Messages that arrive go to <see cref="RaftNode.TryReceive"/>.
    /// </summary>
    void Send(in RaftMessage message);
}
