using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;

namespace SwarmNet.Agent.Executor;

/// <summary>
/// A container's output. The container appends to two raw files, which never block it and lose nothing while the daemon is
/// away; this class moves new lines, with their times, into numbered files of Docker's json-file format, frees the raw files'
/// blocks behind it, and keeps a bounded number of numbered files. Where it stands is stored after each move, so that a crash
/// neither loses nor repeats a line.
/// </summary>
internal sealed class ContainerLog : IDisposable
{
    private const int MaxLineBytes = 16 << 10;
    private const int PositionBytes = 36;
    private const long PunchBytes = 1 << 20;

    private readonly Container _container;
    private readonly ContainerLogLimits _limits;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly RawStream[] _streams;
    private readonly SafeFileHandle _position;
    private TaskCompletionSource _grown = NewSignal();
    private SafeFileHandle? _file;
    private int _number = 1;
    private long _length;
    private int _pending;
    private bool _isDisposed;

    public ContainerLog(Container container, ContainerLogLimits limits, TimeProvider time)
    {
        (_container, _limits, _time) = (container, limits, time);
        _streams = [new RawStream("stdout", Path.Combine(container.IoFolder, "stdout")), new RawStream("stderr", Path.Combine(container.IoFolder, "stderr"))];
        _position = File.OpenHandle(Path.Combine(container.LogFolder, "position"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite);
        Restore();
    }

    /// <summary>True once the container has ended and its last line is in the log.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>New output is there: moves it soon, on the pool. Never blocks; many calls become one move.</summary>
    public void Notify()
    {
        if (Interlocked.Exchange(ref _pending, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(static log => log.TryDrain(isLast: false), this, preferLocal: false);
        }
    }

    /// <summary>As <see cref="Drain"/>; false when the disk refuses. Nothing is lost by that: the raw files keep it for the next time.</summary>
    public bool TryDrain(bool isLast)
    {
        try
        {
            Drain(isLast);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Moves what is there. The last call, after the container's end, takes a line without line feed, too.</summary>
    public void Drain(bool isLast)
    {
        TaskCompletionSource grown;
        lock (_gate)
        {
            Volatile.Write(ref _pending, 0);
            if (_isDisposed)
            {
                return;
            }

            foreach (var stream in _streams)
            {
                while (Move(stream, isLast))
                {
                }
            }

            IsComplete |= isLast;
            (grown, _grown) = (_grown, NewSignal());
        }

        grown.TrySetResult();
    }

    /// <summary>The lines, oldest first.</summary>
    public async IAsyncEnumerable<ContainerLogEntry> ReadAsync(ContainerLogQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Drain(isLast: false);
        var cursor = new Cursor(this);
        try
        {
            if (query.Tail is { } tail)
            {
                var last = new Queue<ContainerLogEntry>();
                while (cursor.TryRead(out var entry))
                {
                    if (Matches(query, entry))
                    {
                        last.Enqueue(entry);
                        if (last.Count > tail)
                        {
                            last.Dequeue();
                        }
                    }
                }

                foreach (var entry in last)
                {
                    yield return entry;
                }
            }

            while (true)
            {
                var (grown, isComplete) = Signal();
                while (cursor.TryRead(out var entry))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    if (Matches(query, entry))
                    {
                        yield return entry;
                    }
                }

                if (!query.Follow || isComplete)
                {
                    yield break;
                }

                await grown.WaitAsync(cancellationToken);
            }
        }
        finally
        {
            cursor.Dispose();
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isDisposed = true;
            _file?.Dispose();
            _position.Dispose();
            foreach (var stream in _streams)
            {
                stream.Handle?.Dispose();
            }

            IsComplete = true;
            _grown.TrySetResult();
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static bool Matches(ContainerLogQuery query, ContainerLogEntry entry) =>
        (entry.IsError ? query.Error : query.Output) && (query.Since is not { } since || entry.Time >= since);

    private (Task Grown, bool IsComplete) Signal()
    {
        lock (_gate)
        {
            return (_grown.Task, IsComplete);
        }
    }

    private string PathOf(int number) => Path.Combine(_container.LogFolder, number.ToString("D8", CultureInfo.InvariantCulture) + ".json");

    /// <summary>Moves up to 64 KiB of whole lines; false when there was nothing to move.</summary>
    private bool Move(RawStream stream, bool isLast)
    {
        if (!stream.TryOpen())
        {
            return false;
        }

        var buffer = new byte[64 << 10];
        var count = RandomAccess.Read(stream.Handle!, buffer, stream.Offset);
        var rest = buffer.AsSpan(0, count);
        var time = _time.GetUtcNow();
        using var lines = new MemoryStream();
        var taken = 0;
        while (rest.Length > 0)
        {
            var end = rest.IndexOf((byte)'\n') + 1;
            if (end == 0 || end > MaxLineBytes)
            {
                end = rest.Length >= MaxLineBytes ? MaxLineBytes : isLast ? rest.Length : 0;
            }

            if (end == 0)
            {
                break;
            }

            if (_limits.IsKept)
            {
                var line = new JsonLogLine { Log = Encoding.UTF8.GetString(rest[..end]), Stream = stream.Name, Time = Rfc3339(time) };
                lines.Write(JsonSerializer.SerializeToUtf8Bytes(line, ExecutorJson.Default.JsonLogLine));
                lines.WriteByte((byte)'\n');
            }

            taken += end;
            rest = rest[end..];
        }

        if (taken == 0)
        {
            return false;
        }

        Append(lines.GetBuffer().AsSpan(0, (int)lines.Length));
        stream.Offset += taken;
        Store();
        stream.Punch(PunchBytes);
        return true;
    }

    private static string Rfc3339(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture);

    private void Append(ReadOnlySpan<byte> lines)
    {
        if (_file is not null && _length >= _limits.FileBytes)
        {
            _file.Dispose();
            _file = null;
            _number++;
            _length = 0;
            if (_number > _limits.Files)
            {
                File.Delete(PathOf(_number - _limits.Files));
            }
        }

        _file ??= OpenFile();
        RandomAccess.Write(_file, lines, _length);
        _length += lines.Length;
    }

    private SafeFileHandle OpenFile()
    {
        var file = File.OpenHandle(PathOf(_number), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);

        // What a daemon wrote without storing its position is written again.
        RandomAccess.SetLength(file, _length);
        return file;
    }

    // | number i32 | file length i64 | stdout i64 | stderr i64 | sum of the words before u64 |
    private void Store()
    {
        Span<byte> bytes = stackalloc byte[PositionBytes];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, _number);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[4..], _length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[12..], _streams[0].Offset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[20..], _streams[1].Offset);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[28..], Sum(bytes));
        RandomAccess.Write(_position, bytes, 0);
    }

    private static long Sum(ReadOnlySpan<byte> bytes) => unchecked(
        BinaryPrimitives.ReadInt32LittleEndian(bytes) + BinaryPrimitives.ReadInt64LittleEndian(bytes[4..])
        + BinaryPrimitives.ReadInt64LittleEndian(bytes[12..]) + BinaryPrimitives.ReadInt64LittleEndian(bytes[20..]) + 0x5357524D);

    private void Restore()
    {
        Span<byte> bytes = stackalloc byte[PositionBytes];
        if (RandomAccess.Read(_position, bytes, 0) != PositionBytes || BinaryPrimitives.ReadInt64LittleEndian(bytes[28..]) != Sum(bytes))
        {
            return;
        }

        _number = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        _length = BinaryPrimitives.ReadInt64LittleEndian(bytes[4..]);
        _streams[0].Offset = BinaryPrimitives.ReadInt64LittleEndian(bytes[12..]);
        _streams[1].Offset = BinaryPrimitives.ReadInt64LittleEndian(bytes[20..]);
        _file = OpenFile();
        File.Delete(PathOf(_number + 1));
    }

    private (int Number, long Length) End()
    {
        lock (_gate)
        {
            return (_number, _length);
        }
    }

    private sealed class RawStream(string name, string path)
    {
        private long _punched;

        public string Name { get; } = name;

        public SafeFileHandle? Handle { get; private set; }

        public long Offset { get; set; }

        public bool TryOpen()
        {
            if (Handle is null && File.Exists(path))
            {
                Handle = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            }

            return Handle is not null;
        }

        // Keeps the size: the container writes on at the end, and offsets stay true.
        public void Punch(long atLeast)
        {
            if (Offset - _punched >= atLeast && LibC.TryPunchHole(Handle!, 0, Offset & ~0xfffL))
            {
                _punched = Offset;
            }
        }
    }

    private sealed class Cursor(ContainerLog log) : IDisposable
    {
        private int _number = Math.Max(1, log.End().Number - log._limits.Files + 1);
        private FileStream? _file;
        private byte[] _buffer = new byte[16 << 10];
        private int _start;
        private int _count;

        public bool TryRead(out ContainerLogEntry entry)
        {
            while (true)
            {
                var line = _buffer.AsSpan(_start, _count);
                if (line.IndexOf((byte)'\n') is var end and >= 0)
                {
                    (_start, _count) = (_start + end + 1, _count - end - 1);
                    if (TryParse(line[..end], out entry))
                    {
                        return true;
                    }

                    continue;
                }

                if (!Fill())
                {
                    entry = default;
                    return false;
                }
            }
        }

        public void Dispose() => _file?.Dispose();

        private static bool TryParse(ReadOnlySpan<byte> json, out ContainerLogEntry entry)
        {
            entry = default;
            try
            {
                if (JsonSerializer.Deserialize(json, ExecutorJson.Default.JsonLogLine) is not { } line)
                {
                    return false;
                }

                entry = new ContainerLogEntry(
                    line.Stream == "stderr",
                    DateTimeOffset.Parse(line.Time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal),
                    Encoding.UTF8.GetBytes(line.Log));
                return true;
            }
            catch (Exception e) when (e is JsonException or FormatException)
            {
                return false;
            }
        }

        // More bytes of this file up to where the writer stands, or the next file.
        private bool Fill()
        {
            var (number, length) = log.End();
            if (_file is null && !TryOpen(number))
            {
                return false;
            }

            if (_start > 0)
            {
                _buffer.AsSpan(_start, _count).CopyTo(_buffer);
                _start = 0;
            }

            if (_count == _buffer.Length)
            {
                Array.Resize(ref _buffer, 2 * _buffer.Length);
            }

            var room = _buffer.Length - _count;
            var readable = _number == number ? (int)Math.Min(room, length - _file!.Position) : room;
            var read = readable > 0 ? _file!.Read(_buffer, _count, readable) : 0;
            _count += read;
            if (read > 0)
            {
                return true;
            }

            if (_number >= number)
            {
                return false;
            }

            _file!.Dispose();
            _file = null;
            _number++;
            return TryOpen(number);
        }

        private bool TryOpen(int last)
        {
            // Files that rotation has taken meanwhile are skipped.
            for (; _number <= last; _number++)
            {
                try
                {
                    _file = new FileStream(
                        log.PathOf(_number), FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
                    return true;
                }
                catch (FileNotFoundException) when (_number < last)
                {
                }
                catch (FileNotFoundException)
                {
                    return false;
                }
            }

            return false;
        }
    }
}
