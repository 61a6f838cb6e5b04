using Google.Protobuf;

namespace SwarmNet.Manager.Store;

/// <summary>Why the store refused a change.</summary>
public enum StoreError
{
    /// <summary>An object with that id is there already.</summary>
    Exists,

    /// <summary>No object with that id.</summary>
    NotFound,

    /// <summary>Another object of the kind has that name (case does not count).</summary>
    NameConflict,

    /// <summary>The object has changed since the caller read it.</summary>
    OutOfSequence,

    /// <summary>More actions or bytes than one log entry takes.</summary>
    TooLarge,

    /// <summary>This manager does not lead, or has lost leadership on the way.</summary>
    NotLeader,

    /// <summary>The leader's disk is full.</summary>
    DiskFull,
}

/// <summary>A change that the store refused; nothing of its transaction was stored. Texts are SwarmKit's.</summary>
public sealed class StoreException(StoreError error, string message, IMessage? subject = null, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public StoreError Error { get; } = error;

    /// <summary>The object that was refused, when there is one.</summary>
    public IMessage? Subject { get; } = subject;

    internal static StoreException Exists(IMessage subject) => new(StoreError.Exists, "object already exists", subject);

    internal static StoreException NotFound(IMessage? subject = null) => new(StoreError.NotFound, "object does not exist", subject);

    internal static StoreException NameConflict(IMessage subject) =>
        new(StoreError.NameConflict, "name conflicts with an existing object", subject);

    internal static StoreException OutOfSequence(IMessage subject) => new(StoreError.OutOfSequence, "update out of sequence", subject);

    internal static StoreException TooLarge() => new(StoreError.TooLarge, "raft: raft message is too large and can't be sent");

    internal static StoreException DiskFull(Exception inner) => new(StoreError.DiskFull, inner.Message, null, inner);

    internal static StoreException NotLeader(Exception? inner = null) => new(
        StoreError.NotLeader,
        "The swarm does not have a leader. It's possible that too few managers are online. Make sure more than half of the managers are online.",
        null,
        inner);
}
