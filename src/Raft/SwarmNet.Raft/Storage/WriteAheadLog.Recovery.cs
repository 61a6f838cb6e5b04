using System.Buffers.Binary;
using System.Globalization;

namespace SwarmNet.Raft;

internal sealed partial class WriteAheadLog
{
    /// <summary>Reads the log after a snapshot, repairs what a crash cut off, and opens it for appending.</summary>
    /// <exception cref="RaftDamagedException">The log is damaged, or does not reach the snapshot.</exception>
    /// <exception cref="RaftDataKeyException">A key is missing.</exception>
    /// <exception cref="RaftStorageException">The log is of another version or of another node.</exception>
    public static WriteAheadLog Open(
        WriteAheadLogOptions options, ulong snapshotIndex, ulong snapshotTerm, out LogContents contents)
    {
        DurableFolder.Create(options.Folder);
        WriteAheadLog log = new(options);
        try
        {
            contents = log.Recover(snapshotIndex, snapshotTerm);
            return log;
        }
        catch
        {
            log.Dispose();
            throw;
        }
    }

    private LogContents Recover(ulong snapshotIndex, ulong snapshotTerm)
    {
        string[] paths = Directory.GetFiles(Folder, "*.log");
        Array.Sort(paths, StringComparer.Ordinal);
        Replay replay = new();
        long truncated = 0;
        for (int i = 0; i < paths.Length; i++)
        {
            truncated += ReadSegment(paths[i], isFirst: i == 0, isLast: i == paths.Length - 1, replay);
        }

        if (_segments.Count == 0 && snapshotIndex > 0)
        {
            throw new RaftDamagedException(
                $"{Folder} has no log, but there is a snapshot of entry {snapshotIndex}: the node's votes and newer entries are gone; "
                + "restore the folder from a backup, or remove it and let the node join its cluster anew.", Folder);
        }

        bool mark = replay.Cut(snapshotIndex, snapshotTerm, Folder);
        _hardState = replay.HardState;
        NextIndex = replay.LastIndex + 1;
        OpenForAppend();
        if (mark)
        {
            // A crash came between the leader's snapshot and its mark in the log: what the log has is void.
            Append(_hardState, [], new RaftSnapshot(snapshotIndex, snapshotTerm, RaftMembership.Empty, default));
        }

        return new LogContents(replay.HardState, replay.Entries, truncated);
    }

    private long ReadSegment(string path, bool isFirst, bool isLast, Replay replay)
    {
        byte[] bytes = File.ReadAllBytes(path);
        HeaderStatus status = SegmentHeader.TryParse(bytes, out SegmentHeader header);
        if (status == HeaderStatus.Damaged && isLast && bytes.Length <= SegmentHeader.Bytes
            && (bytes.Length < SegmentHeader.Bytes || !bytes.AsSpan().ContainsAnyExcept((byte)0)))
        {
            // Created but never synced: nothing in it was acknowledged.
            File.Delete(path);
            DurableFolder.Sync(Folder);
            return bytes.Length;
        }

        CheckHeader(path, status, header, isFirst);
        if (isFirst)
        {
            replay.Start(header.NextIndex - 1);
        }

        List<ScannedRecord> records = [];
        SegmentScanner scanner = new(bytes, header);
        ScanStatus scan = scanner.Scan(records);
        if (scan == ScanStatus.Corrupt || (scan == ScanStatus.Torn && !isLast))
        {
            throw Damaged(path, scanner.BadOffset, "the record there fails its check, but later writes depended on it");
        }

        _chain = scanner.Chain;
        _nextBatch = scanner.NextBatch;
        _fileBytes = scanner.ValidBytes;
        _lacksState = records.Count == 0;
        IPayloadTransform transform = _transform = _options.Transforms.Find(header.TransformId, path);
        _segments.Add(new Segment(path, header.Sequence, header.NextIndex, transform.Id));
        foreach (ScannedRecord record in records)
        {
            ReadOnlySpan<byte> payload = bytes.AsSpan(record.PayloadOffset, record.PayloadBytes);
            if (!replay.Add(record, payload, transform))
            {
                throw Damaged(path, record.PayloadOffset, $"entry {record.Index} does not follow entry {replay.LastIndex} or cannot be decoded");
            }
        }

        if (scan == ScanStatus.Torn)
        {
            using Microsoft.Win32.SafeHandles.SafeFileHandle file = File.OpenHandle(path, FileMode.Open, FileAccess.Write);
            RandomAccess.SetLength(file, scanner.ValidBytes);
            _options.Flush(file);
        }

        return bytes.Length - scanner.ValidBytes;
    }

    private void CheckHeader(string path, HeaderStatus status, in SegmentHeader header, bool isFirst)
    {
        if (status == HeaderStatus.OtherVersion)
        {
            throw new RaftStorageException(
                $"{path} was written in another format than version {SegmentHeader.FormatVersion}; use the program version that wrote it.", path);
        }

        if (status == HeaderStatus.Damaged)
        {
            throw Damaged(path, 0, "the file's header fails its check");
        }

        if (header.NodeId != _options.NodeId)
        {
            throw new RaftStorageException(
                $"{path} belongs to Raft node {header.NodeId:x}, not {_options.NodeId:x}; give every node its own folder.", path);
        }

        string name = string.Create(CultureInfo.InvariantCulture, $"{header.Sequence:x16}.log");
        bool follows = isFirst || (header.Sequence == _segments[^1].Sequence + 1 && header.Chain == _chain && header.NextBatch == _nextBatch);
        if (Path.GetFileName(path) != name || !follows)
        {
            throw Damaged(path, 0, "it does not follow the file before it");
        }
    }

    private void OpenForAppend()
    {
        if (_segments.Count == 0)
        {
            StartSegment(_hardState);
        }
        else
        {
            _file = File.OpenHandle(_segments[^1].Path, FileMode.Open, FileAccess.Write, FileShare.Read);
            Rotate();
        }
    }

    private static RaftDamagedException Damaged(string path, long offset, string what) => new(
        $"The log is damaged: {path} at byte {offset}: {what}. Acknowledged entries may be missing, so the node does not start; "
        + "restore the folder from a backup, or remove it and let the node join its cluster anew.", path, offset);

    /// <summary>Rebuilds the log from its records, oldest first.</summary>
    private sealed class Replay
    {
        private ulong _baseIndex;
        private ulong? _baseTerm = 0;

        public HardState HardState { get; private set; }

        public List<LogEntry> Entries { get; } = [];

        public ulong LastIndex => Entries.Count > 0 ? Entries[^1].Index : _baseIndex;

        /// <summary>The first segment starts after this entry; the ones before are compacted away.</summary>
        public void Start(ulong index)
        {
            _baseIndex = index;
            _baseTerm = index == 0 ? 0 : null;
        }

        public bool Add(in ScannedRecord record, ReadOnlySpan<byte> payload, IPayloadTransform transform)
        {
            switch (record.Type)
            {
                case RecordType.HardState when payload.Length == sizeof(ulong):
                    HardState = new HardState(record.Term, BinaryPrimitives.ReadUInt64LittleEndian(payload), record.Index);
                    return true;
                case RecordType.SnapshotInstalled:
                    Entries.Clear();
                    _baseIndex = record.Index;
                    _baseTerm = record.Term;
                    return true;
                case RecordType.Entry when transform.Load(record.Index, payload) is { } data:
                    return AddEntry(new LogEntry(record.Term, record.Index, (EntryType)record.EntryType, data));
                default:
                    return false;
            }
        }

        /// <summary>Drops what a snapshot includes. True when nothing of the log fits after the snapshot.</summary>
        public bool Cut(ulong snapshotIndex, ulong snapshotTerm, string folder)
        {
            if (_baseIndex > snapshotIndex)
            {
                throw new RaftDamagedException(
                    $"The log in {folder} starts after entry {_baseIndex}, but the newest sound snapshot is of entry {snapshotIndex}; "
                    + "restore the folder from a backup, or remove it and let the node join its cluster anew.", folder);
            }

            ulong last = LastIndex;
            ulong? termThere = snapshotIndex == _baseIndex ? _baseTerm ?? snapshotTerm
                : snapshotIndex <= last ? Entries[(int)(snapshotIndex - _baseIndex - 1)].Term : null;
            bool fits = termThere == snapshotTerm;
            Entries.RemoveAll(entry => !fits || entry.Index <= snapshotIndex);
            bool mark = !fits && snapshotIndex > 0;
            if (Entries.Count == 0)
            {
                _baseIndex = snapshotIndex;
                _baseTerm = snapshotTerm;
            }

            return mark;
        }

        private bool AddEntry(in LogEntry entry)
        {
            if (entry.Index <= _baseIndex || entry.Index > LastIndex + 1)
            {
                return false;
            }

            int keep = (int)(entry.Index - _baseIndex - 1);
            Entries.RemoveRange(keep, Entries.Count - keep);
            Entries.Add(entry);
            return true;
        }
    }
}
