using SwarmNet.Manager.Store;

namespace SwarmNet.Manager.Reconcile;

/// <summary>
/// One concern of the leader as a state machine without IO: it sees the store's changes and the time, and answers with bounded batches
/// of writes until nothing is left to do. All calls come from one loop (<see cref="ReconcilerLoop"/>, or a simulator).
/// </summary>
internal interface IReconciler
{
    /// <summary>Whether the change can matter to this concern; pure, cheap, called from the store's apply loop.</summary>
    bool Wants(in StoreEvent change);

    /// <summary>Forgets everything and starts from <paramref name="view"/>: leadership was gained, or events were lost.</summary>
    void Reset(StoreView view, DateTimeOffset now);

    /// <summary>Takes note of one change. The view given to the next <see cref="Plan"/> has it, and maybe later ones.</summary>
    void Observe(in StoreEvent change, DateTimeOffset now);

    /// <summary>When <see cref="Plan"/> wants to be called next; null when only a change can bring work.</summary>
    DateTimeOffset? Due { get; }

    /// <summary>
    /// The next batch of writes, or null when there is none now; called when <see cref="Due"/> has come. A call that answers null
    /// leaves <see cref="Due"/> null or in the future.
    /// </summary>
    IBatch? Plan(StoreView view, DateTimeOffset now);
}
