using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Store;

/// <summary>
/// One change in the making: actions that are stored together or not at all. Used inside <see cref="ClusterStore.UpdateAsync{T}"/>,
/// on the store's writer loop; must not be kept. It may run twice, so it must not have effects of its own.
/// </summary>
public sealed class StoreTransaction
{
    /// <summary>Most actions in one transaction.</summary>
    public const int MaxActions = 200;

    /// <summary>Most bytes in one transaction: 1.5 MiB.</summary>
    public const int MaxBytes = 3 * 1024 * 1024 / 2;

    private readonly ulong _nextIndex;
    private readonly List<StoreAction> _actions = [];

    internal StoreTransaction(StoreView view, ulong nextIndex, DateTimeOffset now)
    {
        View = view;
        _nextIndex = nextIndex;
        Now = now.ToTimestamp();
    }

    /// <summary>The store with this transaction's own changes in it.</summary>
    public StoreView View { get; private set; }

    /// <summary>The time of this transaction: the leader's clock.</summary>
    public Timestamp Now { get; }

    /// <summary>Actions so far.</summary>
    public int ActionCount => _actions.Count;

    /// <summary>Encoded size of the actions so far.</summary>
    public int SizeBytes { get; private set; }

    internal IReadOnlyList<StoreAction> Actions => _actions;

    /// <summary>
    /// Adds a new object; the transaction takes it over. Throws <see cref="StoreException"/> when the id or the name is taken.
    /// </summary>
    public void Create(IMessage value)
    {
        if (View.Get(value) is not null)
        {
            throw StoreException.Exists(value);
        }

        ThrowIfNameTaken(value);
        var meta = StoreObject.EnsureMeta(value);
        meta.Version = new Protocol.Version { Index = _nextIndex };
        meta.CreatedAt = Now;
        meta.UpdatedAt = Now;
        View = View.Set(value);
        Add(StoreAction.Types.Kind.Create, value);
    }

    /// <summary>
    /// Replaces an object by its changed clone, which the transaction takes over. Throws <see cref="StoreException"/> when the
    /// object is gone, the name is taken, or the clone's version is not the stored one (<c>update out of sequence</c>).
    /// </summary>
    public void Update(IMessage value)
    {
        var before = View.Get(value) ?? throw StoreException.NotFound(value);
        if (ReferenceEquals(before, value))
        {
            throw new InvalidOperationException("Objects in the store must not be changed in place: Clone() first.");
        }

        var meta = StoreObject.EnsureMeta(value);
        var version = StoreObject.Version(before);
        if ((meta.Version?.Index ?? 0) != version)
        {
            throw StoreException.OutOfSequence(value);
        }

        ThrowIfNameTaken(value);
        meta.Version = new Protocol.Version { Index = _nextIndex };
        meta.CreatedAt = StoreObject.Meta(before)?.CreatedAt;
        meta.UpdatedAt = Now;
        View = View.Set(value);
        Add(StoreAction.Types.Kind.Update, value);
    }

    /// <summary>Removes the object with the id of <paramref name="value"/>. Throws <see cref="StoreException"/> when it is gone.</summary>
    public void Remove(IMessage value)
    {
        var before = View.Get(value) ?? throw StoreException.NotFound(value);
        View = View.Remove(before);

        // Only the id matters to whoever applies it; a whole object would only fill the log.
        Add(StoreAction.Types.Kind.Remove, IdOnly(before));
    }

    private void Add(StoreAction.Types.Kind kind, IMessage value)
    {
        var action = StoreObject.ToAction(kind, value);
        _actions.Add(action);
        SizeBytes += action.CalculateSize() + 5;
    }

    private void ThrowIfNameTaken(IMessage value)
    {
        if (View.FindNamesake(value) is not null)
        {
            throw StoreException.NameConflict(value);
        }
    }

    private static IMessage IdOnly(IMessage value) => value switch
    {
        SwarmTask task => new SwarmTask { Id = task.Id },
        Node node => new Node { Id = node.Id },
        Service service => new Service { Id = service.Id },
        Network network => new Network { Id = network.Id },
        Cluster cluster => new Cluster { Id = cluster.Id },
        Secret secret => new Secret { Id = secret.Id },
        Config config => new Config { Id = config.Id },
        _ => value,
    };
}
