using System.Diagnostics.CodeAnalysis;
using System.IO.Pipelines;
using Microsoft.Extensions.Logging;

namespace SwarmNet.Raft;

/// <summary>
/// The way to one peer: a pipe that the node's thread encodes messages into, and a loop that keeps a connection and copies the pipe to it. The
/// pipe only ever holds whole messages: what is left of a lost connection is thrown away at a message's end.
/// </summary>
internal sealed partial class PeerLink : IAsyncDisposable
{
    // A pipe keeps 256 free segments: a full queue must not need more.
    private const int SegmentBytes = 32 << 10;

    private readonly RaftTransportOptions _options;
    private readonly ILogger _logger;
    private readonly ulong _peerId;
    private readonly Action<ulong> _unreachable;
    private readonly Pipe _pipe;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;
    private volatile bool _isConnected;
    private long _dropped;

    // The node's thread only.
    private ValueTask<FlushResult> _flush;
    private bool _isFull;
    private bool _isDirty;

    /// <summary><paramref name="unreachable"/> is called once for each connection that breaks and cannot be made anew at the first attempt.</summary>
    public PeerLink(RaftTransportOptions options, ILogger logger, ulong peerId, Action<ulong> unreachable)
    {
        _unreachable = unreachable;
        _options = options;
        _logger = logger;
        _peerId = peerId;
        _pipe = new Pipe(new PipeOptions(
            pauseWriterThreshold: options.MaxQueuedBytes,
            resumeWriterThreshold: options.MaxQueuedBytes / 2,
            minimumSegmentSize: SegmentBytes,
            // The node's thread itself hands the bytes to the stream, as far as that takes them at once: a thread less to wake for each message.
            readerScheduler: PipeScheduler.Inline,
            useSynchronizationContext: false));
        _loop = Task.Run(RunAsync);
    }

    public bool IsConnected => _isConnected;

    /// <summary>Messages that found no connection, or a full queue.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <summary>Encodes a message for the next <see cref="Flush"/>, or drops it.</summary>
    public void Send(in RaftMessage message)
    {
        if (!_isConnected || IsFull())
        {
            Interlocked.Increment(ref _dropped);
            return;
        }

        Frame.Write(_pipe.Writer, message);
        _isDirty = true;
        // Back-pressure counts what is flushed: many messages before one flush must not pass it by.
        if (_pipe.Writer.UnflushedBytes >= _options.MaxQueuedBytes)
        {
            Flush();
        }
    }

    /// <summary>Lets the connection have what was encoded.</summary>
    [SuppressMessage("Reliability", "CA2012:Use ValueTasks correctly", Justification = "Consumed once, by IsFull, when it is complete: this thread must not wait.")]
    public void Flush()
    {
        if (!_isDirty || IsFull())
        {
            return;
        }

        _isDirty = false;
        _flush = _pipe.Writer.FlushAsync();
        _isFull = true;
        IsFull();
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stopping.Dispose();
    }

    // Full: the last flush has not ended, since more waits than may.
    private bool IsFull()
    {
        if (_isFull && _flush.IsCompleted)
        {
            _isFull = false;
            _flush.GetAwaiter().GetResult();
        }

        return _isFull;
    }

    private async Task RunAsync()
    {
        int failures = 0;
        bool wasConnected = false;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Stream stream = await ConnectAgainAsync(wasConnected).ConfigureAwait(false);
                await using (stream.ConfigureAwait(false))
                {
                    failures = 0;
                    LogConnected(_logger, _options.NodeId, _peerId);
                    await CopyAsync(stream).ConfigureAwait(false);
                }
            }
            catch (Exception exception)
            {
                // Whatever the stream's owner throws: the peer is not there. The node must not suffer from it.
                if (!_stopping.IsCancellationRequested)
                {
                    LogLost(_logger, _options.NodeId, _peerId, exception.Message);
                }
            }

            wasConnected = _isConnected;
            _isConnected = false;
            await PauseAsync(failures++).ConfigureAwait(false);
        }

        await _pipe.Reader.CompleteAsync().ConfigureAwait(false);
    }

    private async Task<Stream> ConnectAgainAsync(bool wasConnected)
    {
        try
        {
            return await ConnectAsync().ConfigureAwait(false);
        }
        catch when (wasConnected && !_stopping.IsCancellationRequested)
        {
            _unreachable(_peerId);
            throw;
        }
    }

    private async Task<Stream> ConnectAsync()
    {
        using CancellationTokenSource timeout = new(_options.ConnectTimeout, _options.TimeProvider);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stopping.Token);
        Stream stream = await _options.ConnectAsync(_peerId, both.Token).ConfigureAwait(false);
        try
        {
            byte[] greeting = new byte[Frame.GreetingBytes];
            Frame.WriteGreeting(greeting, _options.NodeId, _peerId);
            await stream.WriteAsync(greeting, both.Token).ConfigureAwait(false);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // Nothing here is allocated per message.
    private async Task CopyAsync(Stream stream)
    {
        PipeReader reader = _pipe.Reader;
        if (reader.TryRead(out ReadResult leftover))
        {
            reader.AdvanceTo(leftover.Buffer.End);
        }

        _isConnected = true;
        CancellationTokenSource timeout = new(Timeout.InfiniteTimeSpan, _options.TimeProvider);
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        Task end = WatchAsync(stream, ended);
        try
        {
            while (true)
            {
                ReadResult result = await reader.ReadAsync(ended.Token).ConfigureAwait(false);
                timeout.CancelAfter(_options.WriteTimeout);
                try
                {
                    // Not in a method of its own: that would be an object for each message where the compiler does not optimise.
                    SequencePosition position = result.Buffer.Start;
                    while (result.Buffer.TryGet(ref position, out ReadOnlyMemory<byte> segment))
                    {
                        await stream.WriteAsync(segment, timeout.Token).ConfigureAwait(false);
                    }

                    await stream.FlushAsync(timeout.Token).ConfigureAwait(false);
                }
                finally
                {
                    // Whole messages, sent or not.
                    reader.AdvanceTo(result.Buffer.End);
                }

                if (!timeout.TryReset())
                {
                    throw new TimeoutException($"it took no bytes for {_options.WriteTimeout.TotalSeconds} s");
                }
            }
        }
        catch (OperationCanceledException) when (end.IsCompleted && stream.CanRead && !_stopping.IsCancellationRequested)
        {
            throw new EndOfStreamException("the other end closed it");
        }
        finally
        {
            timeout.Dispose();
            await ended.CancelAsync().ConfigureAwait(false);
            await end.ConfigureAwait(false);
        }
    }

    // Nothing comes back, so a read ends when the connection does: a peer that is gone is missed at once, not with the next write.
    private static async Task WatchAsync(Stream stream, CancellationTokenSource ended)
    {
        if (!stream.CanRead)
        {
            return;
        }

        try
        {
            _ = await stream.ReadAsync(new byte[1], ended.Token).ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Whatever the stream's owner throws: it ended.
        }

        await ended.CancelAsync().ConfigureAwait(false);
    }

    private async Task PauseAsync(int failures)
    {
        TimeSpan pause = _options.RetryDelay * Math.Pow(2, Math.Min(failures, 20));
        pause = pause < _options.MaxRetryDelay ? pause : _options.MaxRetryDelay;
        await Task.Delay(pause, _options.TimeProvider, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // Event ids 3100 to 3199 are the transport's.
    [LoggerMessage(3100, LogLevel.Information, "Raft node {NodeId:x} is connected to {PeerId:x}")]
    private static partial void LogConnected(ILogger logger, ulong nodeId, ulong peerId);

    [LoggerMessage(3101, LogLevel.Information, "Raft node {NodeId:x} has no connection to {PeerId:x}: {Reason}")]
    private static partial void LogLost(ILogger logger, ulong nodeId, ulong peerId, string reason);
}
