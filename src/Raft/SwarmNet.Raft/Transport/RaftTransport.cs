using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SwarmNet.Raft;

/// <summary>
/// Messages over streams: one long-lived connection per peer and direction, made when the first message goes to a peer. It knows nothing of
/// addresses, TLS and certificates: outgoing streams come from <see cref="RaftTransportOptions.ConnectAsync"/>, incoming ones are handed to
/// <c>AcceptAsync</c> by whoever accepted and authenticated them. When a connection breaks and a new one is refused, the node gets
/// <see cref="RaftNode.PeerUnreachable"/>: it need not wait for a timeout to miss a leader whose process is gone.
/// </summary>
public sealed partial class RaftTransport : IRaftTransport, IAsyncDisposable
{
    /// <summary>The name to negotiate by ALPN (RFC 7301) when the streams are TLS.</summary>
    public const string ApplicationProtocol = "swarmnet-raft/1";

    private readonly RaftTransportOptions _options;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<ulong, PeerLink> _links = new();
    private readonly CancellationTokenSource _stopping = new();

    // The node's thread only: the links to flush.
    private readonly List<PeerLink> _written = [];
    private RaftNode? _node;
    private int _disposed;

    /// <summary>Connects to nobody yet.</summary>
    public RaftTransport(RaftTransportOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfZero(options.NodeId);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.MaxQueuedBytes);
        _options = options;
        _logger = options.Logger ?? NullLogger.Instance;
    }

    /// <summary>Sets who gets what arrives, and hints of peers that are gone. Messages that come before are dropped.</summary>
    public void Attach(RaftNode node) => Volatile.Write(ref _node, node);

    /// <inheritdoc/>
    public void Send(in RaftMessage message)
    {
        if (!_links.TryGetValue(message.To, out PeerLink? link))
        {
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            link = _links.GetOrAdd(message.To, static (peerId, self) => new PeerLink(self._options, self._logger, peerId, self.Unreachable), this);
        }

        link.Send(message);
        if (!_written.Contains(link))
        {
            _written.Add(link);
        }
    }

    /// <inheritdoc/>
    public void Flush()
    {
        foreach (PeerLink link in _written)
        {
            link.Flush();
        }

        _written.Clear();
    }

    /// <summary>Whether there is a connection to the peer at the moment.</summary>
    public bool IsConnected(ulong nodeId) => _links.TryGetValue(nodeId, out PeerLink? link) && link.IsConnected;

    /// <summary>How many messages to the peer found no connection, or a full queue, and were dropped.</summary>
    public long CountDropped(ulong nodeId) => _links.TryGetValue(nodeId, out PeerLink? link) ? link.Dropped : 0;

    /// <summary>Closes the connection to a peer, if there is one: it left the cluster, or has another address. The next message makes a new one.</summary>
    public async ValueTask DisconnectAsync(ulong nodeId)
    {
        if (_links.TryRemove(nodeId, out PeerLink? link))
        {
            await link.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Reads messages from an incoming stream until it ends, this transport is disposed, or something that is not the protocol comes. A node that
    /// is busy makes the stream wait. Does not throw for anything that the peer does, and disposes the stream.
    /// </summary>
    /// <param name="stream">The stream, authenticated.</param>
    /// <param name="mayBe">Whether who was authenticated may speak for the node with this id.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task AcceptAsync(Stream stream, Predicate<ulong> mayBe, CancellationToken cancellationToken = default) =>
        AcceptAsync(PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: 64 << 10, minimumReadSize: 16 << 10)), mayBe, cancellationToken);

    /// <summary>As the other, for a server whose connections are pipes; completes the reader.</summary>
    /// <inheritdoc cref="AcceptAsync(Stream, Predicate{ulong}, CancellationToken)"/>
    public async Task AcceptAsync(PipeReader reader, Predicate<ulong> mayBe, CancellationToken cancellationToken = default)
    {
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        try
        {
            if (await ReadGreetingAsync(reader, mayBe, both.Token).ConfigureAwait(false) is { } peerId)
            {
                await ReadFramesAsync(reader, peerId, both.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            // Whatever the stream's owner throws: the peer is gone.
            if (!both.IsCancellationRequested)
            {
                LogIncomingLost(_logger, _options.NodeId, exception.Message);
            }
        }

        // Disposes the stream, if there is one.
        await reader.CompleteAsync().ConfigureAwait(false);
    }

    /// <summary>Closes all connections.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        foreach (ulong peerId in _links.Keys)
        {
            await DisconnectAsync(peerId).ConfigureAwait(false);
        }
    }

    private void Unreachable(ulong peerId) => Volatile.Read(ref _node)?.PeerUnreachable(peerId);

    private async ValueTask<ulong?> ReadGreetingAsync(PipeReader reader, Predicate<ulong> mayBe, CancellationToken cancellationToken)
    {
        using CancellationTokenSource timeout = new(_options.ConnectTimeout, _options.TimeProvider);
        using CancellationTokenSource both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        ReadResult result = await reader.ReadAtLeastAsync(Frame.GreetingBytes, both.Token).ConfigureAwait(false);
        if (result.Buffer.Length < Frame.GreetingBytes)
        {
            return null;
        }

        ReadOnlySequence<byte> greeting = result.Buffer.Slice(0, Frame.GreetingBytes);
        bool isOurs = Frame.TryParseGreeting(greeting.ToArray(), out ulong from, out ulong to);
        reader.AdvanceTo(greeting.End);
        if (!isOurs || to != _options.NodeId || !mayBe(from))
        {
            LogRefused(_logger, _options.NodeId, from, to, isOurs);
            return null;
        }

        return from;
    }

    // Nothing here is allocated per message, but for the entries that it brings.
    private async Task ReadFramesAsync(PipeReader reader, ulong peerId, CancellationToken cancellationToken)
    {
        FrameReader frames = new();
        while (true)
        {
            ReadResult result = await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            ReadOnlySequence<byte> rest = result.Buffer;
            FrameStatus status;
            while ((status = frames.TryRead(ref rest, out RaftMessage message)) == FrameStatus.Message)
            {
                // Nobody speaks for another one.
                if (message.From != peerId)
                {
                    status = FrameStatus.Malformed;
                    break;
                }

                if (Volatile.Read(ref _node) is { } node && !node.TryReceive(message))
                {
                    await node.ReceiveAsync(message, cancellationToken).ConfigureAwait(false);
                }
            }

            reader.AdvanceTo(rest.Start, rest.End);
            if (status == FrameStatus.Malformed)
            {
                LogMalformed(_logger, _options.NodeId, peerId);
                return;
            }

            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    [LoggerMessage(3102, LogLevel.Information, "Raft node {NodeId:x} lost an incoming connection: {Reason}")]
    private static partial void LogIncomingLost(ILogger logger, ulong nodeId, string reason);

    [LoggerMessage(3103, LogLevel.Warning, "Raft node {NodeId:x} refuses a connection of {From:x} to {To:x}; it speaks the protocol: {IsOurs}")]
    private static partial void LogRefused(ILogger logger, ulong nodeId, ulong from, ulong to, bool isOurs);

    [LoggerMessage(3104, LogLevel.Warning, "Raft node {NodeId:x} closes a connection of {PeerId:x} that brought something else than its messages")]
    private static partial void LogMalformed(ILogger logger, ulong nodeId, ulong peerId);
}
