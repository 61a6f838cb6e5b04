using System.Diagnostics.CodeAnalysis;

namespace SwarmNet.Raft;

/// <summary>
/// What waits for the owner thread: bounded, filled from any thread, emptied whole. A full one makes askers wait. Adding and taking allocate
/// nothing in the steady state.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The semaphore has no wait handle: nothing to free, and late callers may still be in it.")]
internal sealed class NodeInbox(int capacity)
{
    private readonly SemaphoreSlim _space = new(capacity);
    private readonly object _gate = new();

    // Under the gate.
    private List<NodeInput> _items = [];
    private bool _isWoken;
    private bool _isClosed;

    /// <summary>False when it is full or closed.</summary>
    public bool TryAdd(in NodeInput input) => _space.Wait(0) && Add(input);

    /// <summary>Waits while it is full; false when it is closed.</summary>
    public async ValueTask<bool> AddAsync(NodeInput input, CancellationToken cancellationToken)
    {
        await _space.WaitAsync(cancellationToken).ConfigureAwait(false);
        return Add(input);
    }

    /// <summary>Makes <see cref="Take"/> return, also with nothing in it.</summary>
    public void WakeUp()
    {
        lock (_gate)
        {
            _isWoken = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Nothing more is taken in; who waits to add is told so.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.Pulse(_gate);
        }

        // Each that finds it closed lets the next one in.
        _space.Release();
    }

    /// <summary>Waits for something, and swaps <paramref name="items"/> (empty) for all there is. False when it is closed: these are the last.</summary>
    public bool Take(ref List<NodeInput> items)
    {
        bool isClosed;
        lock (_gate)
        {
            while (_items.Count == 0 && !_isWoken && !_isClosed)
            {
                Monitor.Wait(_gate);
            }

            (_items, items) = (items, _items);
            _isWoken = false;
            isClosed = _isClosed;
        }

        if (items.Count > 0)
        {
            _space.Release(items.Count);
        }

        return !isClosed;
    }

    private bool Add(in NodeInput input)
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                _items.Add(input);
                if (_items.Count == 1)
                {
                    Monitor.Pulse(_gate);
                }

                return true;
            }
        }

        _space.Release();
        return false;
    }
}
