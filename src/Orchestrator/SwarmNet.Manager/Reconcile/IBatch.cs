using SwarmNet.Manager.Store;

namespace SwarmNet.Manager.Reconcile;

/// <summary>Writes that a reconciler wants stored in one transaction. After it one of the two outcomes is told, exactly once.</summary>
internal interface IBatch
{
    /// <summary>Writes into the transaction; checks on its view that each write still makes sense. May be called again.</summary>
    void Apply(StoreTransaction transaction);

    /// <summary>The last <see cref="Apply"/> is stored.</summary>
    void Committed();

    /// <summary>Nothing was stored.</summary>
    void Abandoned();
}
