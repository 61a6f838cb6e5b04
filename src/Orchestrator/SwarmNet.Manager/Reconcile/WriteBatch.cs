using SwarmNet.Manager.Store;

namespace SwarmNet.Manager.Reconcile;

/// <summary>
/// Independent writes on their way into the store. One that does not get stored (its object has changed or is gone, or the transaction
/// is full) is undone in its owner's memory.
/// </summary>
internal sealed class WriteBatch : IBatch
{
    private const int FullBytes = StoreTransaction.MaxBytes * 3 / 4;

    private readonly List<Item> _items = [];

    public int Count => _items.Count;

    /// <summary>Adds a write.</summary>
    /// <param name="write">Writes into the transaction; false when the object is no longer as it was planned for.</param>
    /// <param name="undo">Gives back in memory what the write would have stored, and looks at the object again.</param>
    public void Add(Func<StoreTransaction, bool> write, Action undo) => _items.Add(new Item(write, undo));

    public void Apply(StoreTransaction transaction)
    {
        foreach (var item in _items)
        {
            item.IsWritten = transaction.SizeBytes < FullBytes && item.Write(transaction);
        }
    }

    public void Committed()
    {
        foreach (var item in _items.Where(item => !item.IsWritten))
        {
            item.Undo();
        }
    }

    public void Abandoned() => _items.ForEach(item => item.Undo());

    private sealed record Item(Func<StoreTransaction, bool> Write, Action Undo)
    {
        public bool IsWritten { get; set; }
    }
}
