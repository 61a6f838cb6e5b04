using SwarmNet.Linux;

namespace SwarmNet.Netlink;

/// <summary>
/// Requests that are sent together, each acknowledged on its own. Fill it by <see cref="Begin"/>, attributes and
/// <see cref="NetlinkWriter.EndMessage"/>; send it by <see cref="NetlinkSocket.Execute"/>; reuse it after <see cref="Clear"/>.
/// </summary>
public class NetlinkBatch : NetlinkWriter
{
    private readonly List<Entry> _entries = [];
    private readonly List<NetlinkException> _failures = [];

    private readonly NetlinkSchema? _schema;

    /// <summary>Creates a batch with room for <paramref name="capacityBytes"/> before the first growth.</summary>
    /// <param name="capacityBytes">Room before the first growth.</param>
    /// <param name="schema">The family's attributes, so that errors can name the one refused; null = they give its offset.</param>
    public NetlinkBatch(int capacityBytes = 4096, NetlinkSchema? schema = null)
        : base(capacityBytes) => _schema = schema;

    /// <summary>Number of requests.</summary>
    public int Count => _entries.Count;

    /// <summary>What the kernel refused in the last execution, in the order of the requests, without what was tolerated.</summary>
    public IReadOnlyList<NetlinkException> Failures => _failures;

    /// <summary>True when all requests travel in one datagram and take effect together (nfnetlink transactions).</summary>
    internal virtual bool IsTransaction => false;

    /// <summary>Starts a request; REQUEST and ACK are added to <paramref name="flags"/>, the sequence number is taken from the process's counter.</summary>
    /// <param name="type">Message type of the family.</param>
    /// <param name="flags">CREATE, EXCL … as the request needs.</param>
    /// <param name="operation">For error messages, for example <c>add address</c>.</param>
    /// <param name="subject">For error messages: the object; a constant or a string that exists anyway, so that nothing is allocated.</param>
    /// <param name="tolerated">An error that counts as success, for example EEXIST when adding.</param>
    public void Begin(ushort type, NetlinkFlags flags, string operation, string? subject = null, Errno tolerated = Errno.None) =>
        BeginEntry(type, flags | NetlinkFlags.Request | NetlinkFlags.Ack, operation, subject, tolerated);

    /// <inheritdoc/>
    public override void Clear()
    {
        base.Clear();
        _entries.Clear();
        _failures.Clear();
    }

    internal void BeginEntry(ushort type, NetlinkFlags flags, string operation, string? subject, Errno tolerated)
    {
        uint sequence = NetlinkSocket.NextSequence();
        BeginMessage(type, flags, sequence);
        _entries.Add(new Entry(sequence, MessageStart, operation, subject, tolerated));
    }

    /// <summary>Called before a transaction is sent: adds its end.</summary>
    internal virtual void Seal()
    {
    }

    internal void ResetFailures() => _failures.Clear();

    internal int StartOf(int index) => index < _entries.Count ? _entries[index].Start : Length;

    /// <summary>Index of the request with this sequence number, or -1. Numbers rise within a batch, modulo 2^32.</summary>
    internal int IndexOf(uint sequence)
    {
        if (_entries.Count == 0)
        {
            return -1;
        }

        uint wanted = unchecked(sequence - _entries[0].Sequence);
        int low = 0;
        int high = _entries.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            uint found = unchecked(_entries[middle].Sequence - _entries[0].Sequence);
            if (found == wanted)
            {
                return middle;
            }

            if (found < wanted)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return -1;
    }

    internal bool Tolerates(int index, Errno errno) => _entries[index].Tolerated == errno;

    internal void AddFailure(int index, in NetlinkError error) =>
        _failures.Add(NetlinkException.From(DescribeEntry(index), error, Written[StartOf(index)..StartOf(index + 1)], _schema, Explain(index, error)));

    /// <summary>What an error means for a request, where the family knows more than the error number says; else null.</summary>
    private protected virtual string? Explain(int index, in NetlinkError error) => null;

    private protected string OperationOf(int index) => _entries[index].Operation;

    internal virtual string DescribeEntry(int index)
    {
        Entry entry = _entries[index];
        return entry.Subject is null ? entry.Operation : $"{entry.Operation} {entry.Subject}";
    }

    private readonly record struct Entry(uint Sequence, int Start, string Operation, string? Subject, Errno Tolerated);
}
