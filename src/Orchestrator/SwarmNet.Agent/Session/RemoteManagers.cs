using SwarmNet.Protocol;

namespace SwarmNet.Agent.Session;

/// <summary>
/// The managers that this node knows, with weights that experience moves (SwarmKit <c>remotes</c>): good ones are picked more often, bad ones
/// only when there is nothing else. Pure but for its lock.
/// </summary>
internal sealed class RemoteManagers
{
    /// <summary>Weight of one good (or, negated, bad) experience.</summary>
    public const int Observation = 10;

    private const double Smoothing = 0.5;
    private const int MaxWeight = 256;

    private readonly Lock _lock = new();
    private readonly Dictionary<Peer, int> _weights = [];

    /// <summary>All of them, in the order of their addresses.</summary>
    public IReadOnlyList<Peer> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _weights.Keys.OrderBy(peer => peer.Addr, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Notes an experience with a manager; one that is not known becomes known.</summary>
    public void Observe(Peer peer, int weight)
    {
        lock (_lock)
        {
            _weights[peer] = Smoothed(_weights.GetValueOrDefault(peer), weight);
        }
    }

    /// <summary>As <see cref="Observe"/>, for managers that are known still.</summary>
    public void ObserveIfKnown(Peer peer, int weight)
    {
        lock (_lock)
        {
            if (_weights.TryGetValue(peer, out var old))
            {
                _weights[peer] = Smoothed(old, weight);
            }
        }
    }

    /// <summary>
    /// Takes the list of a session message: those that are not in it are forgotten. A list without any address is ignored, or the node would
    /// be lost for ever. True when the set of managers has changed.
    /// </summary>
    public bool Replace(IEnumerable<WeightedPeer> managers)
    {
        var usable = managers.Where(manager => manager.Peer is { Addr.Length: > 0 }).ToList();
        if (usable.Count == 0)
        {
            return false;
        }

        lock (_lock)
        {
            var gone = _weights.Keys.Except(usable.Select(manager => manager.Peer)).ToList();
            var isChanged = gone.Count > 0 || usable.Any(manager => !_weights.ContainsKey(manager.Peer));
            gone.ForEach(peer => _weights.Remove(peer));
            foreach (var manager in usable)
            {
                _weights[manager.Peer] = Smoothed(_weights.GetValueOrDefault(manager.Peer), (int)Math.Clamp(manager.Weight, -MaxWeight, MaxWeight));
            }

            return isChanged;
        }
    }

    /// <summary>A manager by chance, in proportion to the weights; null when none is known.</summary>
    public Peer? Select(Random random)
    {
        lock (_lock)
        {
            var good = _weights.Where(entry => entry.Value >= 0).ToList();
            var candidates = good.Count > 0 ? good : [.. _weights];

            // One more than the weight, so that a new one has a chance; among bad ones only, the least bad has the best.
            var lowest = candidates.Count > 0 ? Math.Min(0, candidates.Min(entry => entry.Value)) : 0;
            var dart = random.NextInt64(Math.Max(1, candidates.Sum(entry => (long)entry.Value - lowest + 1)));
            foreach (var (peer, weight) in candidates)
            {
                dart -= (long)weight - lowest + 1;
                if (dart < 0)
                {
                    return peer;
                }
            }

            return null;
        }
    }

    internal int? Weight(Peer peer)
    {
        lock (_lock)
        {
            return _weights.TryGetValue(peer, out var weight) ? weight : null;
        }
    }

    private static int Smoothed(int old, int weight) => (int)Math.Ceiling((Smoothing * Math.Clamp(weight, -MaxWeight, MaxWeight)) + ((1 - Smoothing) * old));
}
