using Google.Protobuf;

namespace SwarmNet.Manager.Store;

/// <summary>What happened to an object.</summary>
public enum StoreEventKind
{
    /// <summary>The object is new; <see cref="StoreEvent.Before"/> is null.</summary>
    Created,

    /// <summary>The object was replaced by a newer version.</summary>
    Updated,

    /// <summary>The object is gone; <see cref="StoreEvent.After"/> is null.</summary>
    Removed,

    /// <summary>The watcher was too slow and events were dropped: look at the whole view again. Both objects are null.</summary>
    Resync,
}

/// <summary>One change of one object. Objects are shared and must not be mutated.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Before">The object before, null when created.</param>
/// <param name="After">The object after, null when removed.</param>
public readonly record struct StoreEvent(StoreEventKind Kind, IMessage? Before, IMessage? After)
{
    /// <summary>The object that the event is about: the newer one where there is one.</summary>
    public IMessage? Subject => After ?? Before;
}
