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

    // Each segment begins with the hard state, so that dropping the ones before never loses it; a crash can leave one without.
    private bool _lacksState;

    // Of the segment that is being written.
    private IPayloadTransform _transform = PlainTransform.Instance;
    private Exception? _failure;

    private WriteAheadLog(WriteAheadLogOptions options) => _options = options;

    /// <summary>The index that the next new entry has.</summary>
    public ulong NextIndex { get; private set; } = 1;

    public int SegmentCount => _segments.Count;

    private string Folder => _options.Folder;

    /// <summary>The last entry that may be in a file of another key than the current one; 0 = there is no such file.</summary>
    public ulong LastIndexOfOlderKeys
    {
        get
        {
            int last = _segments.FindLastIndex(segment => segment.TransformId != _options.Transforms.Current.Id);
            return last < 0 ? 0 : last + 1 < _segments.Count ? _segments[last + 1].FirstIndex - 1 : NextIndex - 1;
        }
    }

    /// <summary>The id of the key that every segment is of; null when they differ.</summary>
    public uint? CurrentKeyOfAll => _segments.TrueForAll(segment => segment.TransformId == _transform.Id) ? _transform.Id : null;

    /// <summary>Writes a batch and waits until it is durable. An entry at an index that the log has voids that one and all after it.</summary>
    /// <exception cref="RaftDiskFullException">The disk is full: nothing was written, the same batch can be tried again.</exception>
    /// <exception cref="RaftStorageException">The disk failed; the log accepts nothing more.</exception>
    public void Append(in HardState hardState, IReadOnlyList<LogEntry> entries, RaftSnapshot? installed = null)
    {
        ThrowIfFailed();
        bool writeState = hardState != _hardState || _lacksState;
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

            BatchEncoder encoder = new(_buffer, _nextBatch, _chain, records, _transform);
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
        _lacksState = false;
        NextIndex = entries.Count > 0 ? entries[^1].Index + 1 : installed is not null ? installed.Index + 1 : NextIndex;
    }

    /// <summary>Begins a new segment when the current key is not the one that the last segment is written with.</summary>
    /// <exception cref="RaftDiskFullException">The disk is full: nothing was written, it can be tried again.</exception>
    /// <exception cref="RaftStorageException">The disk failed; the log accepts nothing more.</exception>
    public void Rotate()
    {
        ThrowIfFailed();
        if (_transform.Id == _options.Transforms.Current.Id)
        {
            return;
        }

        try
        {
            StartSegment(_hardState);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or RaftStorageException)
        {
            throw Fail(exception);
        }
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

    private void StartSegment(in HardState hardState)
    {
        ulong sequence = _segments.Count == 0 ? 1 : _segments[^1].Sequence + 1;
        string path = Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"{sequence:x16}.log"));
        IPayloadTransform transform = _options.Transforms.Current;
        BatchEncoder encoder = new(_buffer, _nextBatch, _chain, 1, transform);
        encoder.AddHardState(hardState);
        SafeFileHandle file = CreateSegment(path, new SegmentHeader(transform.Id, _options.NodeId, sequence, NextIndex, _nextBatch, _chain), encoder.Written);
        _file?.Dispose();
        _file = file;
        _segments.Add(new Segment(path, sequence, NextIndex, transform.Id));
        _transform = transform;
        _fileBytes = SegmentHeader.Bytes;
        Wrote(ref encoder);
        _hardState = hardState;
        _lacksState = false;
    }

    private SafeFileHandle CreateSegment(string path, in SegmentHeader segmentHeader, ReadOnlySpan<byte> firstBatch)
    {
        SafeFileHandle? file = null;
        try
        {
            file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
            DurableFolder.Reserve(file, _options.SegmentBytes);
            Span<byte> header = stackalloc byte[SegmentHeader.Bytes];
            segmentHeader.Write(header);
            RandomAccess.Write(file, header, 0);
            _options.Flush(file);
            DurableFolder.Sync(Folder);
            RandomAccess.Write(file, firstBatch, SegmentHeader.Bytes);
            _options.Flush(file);
            return file;
        }
        catch (IOException exception) when (RaftDiskFullException.Is(exception))
        {
            file?.Dispose();
            File.Delete(path);
            DurableFolder.Sync(Folder);
            throw new RaftDiskFullException(path, exception);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    private void Write(ref BatchEncoder encoder)
    {
        try
        {
            RandomAccess.Write(_file!, encoder.Written, _fileBytes);
        }
        catch (IOException exception) when (RaftDiskFullException.Is(exception))
        {
            // A part of it may be in the file; nothing was acknowledged. Unlike a failed fsync this says what is on disk: all up to here.
            RandomAccess.SetLength(_file!, _fileBytes);
            throw new RaftDiskFullException(_segments[^1].Path, exception);
        }

        _options.Flush(_file!);
        Wrote(ref encoder);
    }

    private void Wrote(ref BatchEncoder encoder)
    {
        _buffer = encoder.Buffer;
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

    private readonly record struct Segment(string Path, ulong Sequence, ulong FirstIndex, uint TransformId);
}
