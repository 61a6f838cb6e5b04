namespace SwarmNet.Gossip.Swim;

/// <summary>
/// Messages that wait for their transmissions. Order: fewest transmissions, then longer, then newer. A new message about a subject replaces
/// the old one. Bounded: the oldest of the most transmitted ones go first.
/// </summary>
internal sealed class BroadcastQueue(int retransmitMultiplier)
{
    private const int Capacity = 4096;

    private readonly List<Item> _items = [];
    private long _nextId;

    public int Count => _items.Count;

    public void Add(string subject, byte[] message)
    {
        _items.RemoveAll(item => item.Subject == subject);
        if (_items.Count == Capacity)
        {
            _items.Remove(_items.MaxBy(static item => (item.Transmits, -item.Id))!);
        }

        _items.Add(new Item(subject, message, _nextId++));
    }

    public bool Contains(string subject) => _items.Exists(item => item.Subject == subject);

    /// <summary>How often the message about a subject was handed out; null when it is not queued (any more).</summary>
    public int? Transmits(string subject) => _items.Find(item => item.Subject == subject)?.Transmits;

    public void Clear() => _items.Clear();

    /// <summary>Adds what fits to <paramref name="messages"/> and counts a transmission of each; returns the bytes used.</summary>
    public int Take(int overheadBytes, int bytes, int members, List<byte[]> messages)
    {
        if (_items.Count == 0)
        {
            return 0;
        }

        int limit = retransmitMultiplier * (int)Math.Ceiling(Math.Log10(members + 1));
        _items.Sort(Compare);
        int used = 0;
        for (int i = 0; i < _items.Count && used + overheadBytes < bytes; i++)
        {
            Item item = _items[i];
            if (used + overheadBytes + item.Message.Length <= bytes)
            {
                used += overheadBytes + item.Message.Length;
                messages.Add(item.Message);
                item.Transmits++;
            }
        }

        _items.RemoveAll(item => item.Transmits >= limit);
        return used;
    }

    private static int Compare(Item a, Item b)
    {
        int order = a.Transmits.CompareTo(b.Transmits);
        order = order != 0 ? order : b.Message.Length.CompareTo(a.Message.Length);
        return order != 0 ? order : b.Id.CompareTo(a.Id);
    }

    private sealed class Item(string subject, byte[] message, long id)
    {
        public string Subject => subject;

        public byte[] Message => message;

        public long Id => id;

        public int Transmits { get; set; }
    }
}
