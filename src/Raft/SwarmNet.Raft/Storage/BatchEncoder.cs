using System.Buffers.Binary;

namespace SwarmNet.Raft;

/// <summary>Encodes the records of one batch into a buffer that grows; allocates nothing while it suffices.</summary>
internal ref struct BatchEncoder
{
    private readonly ulong _batch;
    private readonly IPayloadTransform _transform;
    private int _left;
    private int _length;

    public BatchEncoder(byte[] buffer, ulong batch, uint chain, int records, IPayloadTransform transform)
    {
        Buffer = buffer;
        Chain = chain;
        _batch = batch;
        _left = records;
        _transform = transform;
    }

    public byte[] Buffer { get; private set; }

    /// <summary>The check of the last record.</summary>
    public uint Chain { get; private set; }

    public readonly ReadOnlySpan<byte> Written => Buffer.AsSpan(0, _length);

    public void AddEntry(in LogEntry entry)
    {
        Span<byte> payload = Reserve(entry.Data.Length + _transform.MaxOverheadBytes);
        int written = _transform.Store(entry.Index, entry.Data.Span, payload);
        Finish(RecordType.Entry, (byte)entry.Type, entry.Term, entry.Index, written);
    }

    public void AddHardState(in HardState state)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(Reserve(sizeof(ulong)), state.Vote);
        Finish(RecordType.HardState, 0, state.Term, state.Commit, sizeof(ulong));
    }

    public void AddSnapshotInstalled(ulong index, ulong term)
    {
        Reserve(0);
        Finish(RecordType.SnapshotInstalled, 0, term, index, 0);
    }

    private Span<byte> Reserve(int payloadBytes)
    {
        int needed = checked(_length + RecordHeader.OverheadBytes + payloadBytes);
        if (Buffer.Length < needed)
        {
            byte[] larger = new byte[Math.Max(needed, Buffer.Length * 2)];
            Written.CopyTo(larger);
            Buffer = larger;
        }

        return Buffer.AsSpan(_length + RecordHeader.HeaderBytes + RecordHeader.BodyPrefixBytes, payloadBytes);
    }

    private void Finish(RecordType type, byte entryType, ulong term, ulong index, int payloadBytes)
    {
        int total = RecordHeader.OverheadBytes + payloadBytes;
        Chain = RecordHeader.Write(Buffer.AsSpan(_length, total), _batch, --_left == 0, Chain, type, entryType, term, index, payloadBytes);
        _length += total;
    }
}
