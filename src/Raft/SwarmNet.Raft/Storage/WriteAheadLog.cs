using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace SwarmNet.Raft;

/// <summary>
/// The log on disk: a folder of segment files. One <see cref="Append"/> is one batch: one write, one fsync, all or nothing after a crash.
/// Not thread-safe. After the first failed write or fsync nothing more is accepted: what the disk holds is then unknown until it is read again.
/// </summary>
internal sealed partial class WriteAheadLog : IDisposable
{
    private readonly WriteAheadLogOptions _options;
    private readonly List<Segment> _segments = [];
    private SafeFileHandle? _file;
    private long _fileBytes;
    private byte[] _buffer = new byte[64 << 10];
    private uint _chain;
    private ulong _nextBatch = 1;
    private HardState _hardState;
    private Exception? _failure;

    private WriteAheadLog(WriteAheadLogOptions options) => _options = options;

    /// <summary>The index that the next new entry has.</summary>
    public ulong NextIndex { get; private set; } = 1;

    public int SegmentCount => _segments.Count;

    private string Folder => _options.Folder;

    /// <summary>Writes a batch and waits until it is durable. An entry at an index that the log has voids that one and all after it.</summary>
    /// <exception cref="RaftStorageException">The disk failed; the log accepts nothing more.</exception>
    public void Append(in HardState hardState, IReadOnlyList<LogEntry> entries, RaftSnapshot? installed = null)
    {
        ThrowIfFailed();
        bool writeState = hardState != _hardState;
        int records = entries.Count + (writeState ? 1 : 0) + (installed is null ? 0 : 1);
        if (records == 0)
        {
            return;
        }

        try
        {
            if (_fileBytes >= _options.SegmentBytes)
            {
                StartSegment(hardState);
                writeState = false;
                records = entries.Count + (installed is null ? 0 : 1);
                if (records == 0)
                {
                    return;
                }
            }

            BatchEncoder encoder = new(_buffer, _nextBatch, _chain, records, _options.Transform);
            if (installed is not null)
            {
                encoder.AddSnapshotInstalled(installed.Index, installed.Term);
            }

            if (writeState)
            {
                encoder.AddHardState(hardState);
            }

            for (int i = 0; i < entries.Count; i++)
            {
                encoder.AddEntry(entries[i]);
            }

            Write(ref encoder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or RaftStorageException)
        {
            throw Fail(exception);
        }

        _hardState = hardState;
        NextIndex = entries.Count > 0 ? entries[^1].Index + 1 : installed is not null ? installed.Index + 1 : NextIndex;
    }

    /// <summary>Removes whole segments that only hold entries up to <paramref name="index"/>.</summary>
    public void Compact(ulong index)
    {
        ThrowIfFailed();
        int count = 0;
        while (count + 1 < _segments.Count && _segments[count + 1].FirstIndex <= index + 1)
        {
            count++;
        }

        if (count == 0)
        {
            return;
        }

        try
        {
            // Oldest first: whatever a crash leaves is still a run of consecutive segments.
            for (int i = 0; i < count; i++)
            {
                File.Delete(_segments[i].Path);
            }

            _segments.RemoveRange(0, count);
            DurableFolder.Sync(Folder);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or RaftStorageException)
        {
            throw Fail(exception);
        }
    }

    public void Dispose() => _file?.Dispose();

    // Each segment begins with the hard state, so that dropping the ones before never loses it.
    private void StartSegment(in HardState hardState)
    {
        _file?.Dispose();
        _file = null;
        ulong sequence = _segments.Count == 0 ? 1 : _segments[^1].Sequence + 1;
        string path = Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"{sequence:x16}.log"));
        SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        _file = file;
        Span<byte> header = stackalloc byte[SegmentHeader.Bytes];
        new SegmentHeader(_options.Transform.Id, _options.NodeId, sequence, NextIndex, _nextBatch, _chain).Write(header);
        RandomAccess.Write(file, header, 0);
        _options.Flush(file);
        DurableFolder.Sync(Folder);
        _segments.Add(new Segment(path, sequence, NextIndex));
        _fileBytes = SegmentHeader.Bytes;
        BatchEncoder encoder = new(_buffer, _nextBatch, _chain, 1, _options.Transform);
        encoder.AddHardState(hardState);
        Write(ref encoder);
        _hardState = hardState;
    }

    private void Write(ref BatchEncoder encoder)
    {
        _buffer = encoder.Buffer;
        RandomAccess.Write(_file!, encoder.Written, _fileBytes);
        _options.Flush(_file!);
        _fileBytes += encoder.Written.Length;
        _chain = encoder.Chain;
        _nextBatch++;
    }

    private RaftStorageException Fail(Exception cause)
    {
        _failure = cause;
        return new RaftStorageException(
            $"The log in {Folder} could not be written: {cause.Message} What reached the disk is unknown; restart to recover from it.", Folder, cause);
    }

    private void ThrowIfFailed()
    {
        if (_failure is not null)
        {
            throw new RaftStorageException($"The log in {Folder} is closed since a write failed: {_failure.Message}", Folder, _failure);
        }
    }

    private readonly record struct Segment(string Path, ulong Sequence, ulong FirstIndex);
}
