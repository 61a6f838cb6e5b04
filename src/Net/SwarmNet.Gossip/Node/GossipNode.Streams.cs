using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using SwarmNet.Gossip.NetworkDb;
using SwarmNet.Gossip.Swim;
using SwarmNet.Gossip.Wire;

namespace SwarmNet.Gossip;

// Exchanges over TCP: one connection per exchange, each with a deadline.
public sealed partial class GossipNode
{
    private const int MaxExchanges = 128;
    private readonly ConcurrentDictionary<Task, bool> _exchanges = new();

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Socket connection = await _tcp.AcceptAsync(_stopping.Token);
                if (_exchanges.Count >= MaxExchanges)
                {
                    connection.Dispose();
                    continue;
                }

                IPEndPoint remote = (IPEndPoint)connection.RemoteEndPoint!;
                Exchange(token => ServeAsync(connection, token), remote);
            }
            catch (SocketException)
            {
                // The peer was gone before it was accepted; or descriptors ran out, which takes a moment to change.
                await Task.Delay(s_tick, _time);
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    // Starts an exchange that the loop does not wait for; a failure is logged, the protocol repeats what matters.
    private void Exchange(Func<CancellationToken, Task> exchange, IPEndPoint target)
    {
        Task task = Task.Run(async () =>
        {
            using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            deadline.CancelAfter(_options.Timers.StreamTimeout);
            try
            {
                await exchange(deadline.Token);
            }
            catch (Exception exception) when (exception is SocketException or GossipException or OperationCanceledException or ObjectDisposedException)
            {
                LogExchangeFailed(_logger, NodeName, target, exception.Message);
            }
        });
        _exchanges.TryAdd(task, true);
        task.ContinueWith(done => _exchanges.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    private Task WaitForExchangesAsync() => Task.WhenAll(_exchanges.Keys);

    private async Task ServeAsync(Socket connection, CancellationToken cancellationToken)
    {
        using Socket owned = connection;
        (StreamStatus status, byte[] message) = await ReadAsync(connection, expectLabel: true, cancellationToken);
        if (status == StreamStatus.NotEncrypted)
        {
            byte[] buffer = new byte[256];
            int length = MessageWriter.Error(buffer, "encryption is configured but remote state is not encrypted");
            await WriteAsync(connection, buffer[..length], dialled: false, cancellationToken);
            return;
        }

        if (status != StreamStatus.Complete)
        {
            return;
        }

        switch ((MessageType)message[0])
        {
            case MessageType.Ping when TryReadPing(message, out uint seqNo):
                byte[] ack = new byte[MessageWriter.MaxBytes(0)];
                await WriteAsync(connection, ack[..MessageWriter.Ack(ack, seqNo)], dialled: false, cancellationToken);
                break;
            case MessageType.PushPull:
                await ServePushPullAsync(connection, message, cancellationToken);
                break;
            case MessageType.User when TryReadUserMessage(message, out byte[] userMessage):
                await RunAsync(() => _swim.HandlePacket([(byte)MessageType.User, .. userMessage], EndPoint, Now), cancellationToken);
                break;
        }
    }

    private async Task ServePushPullAsync(Socket connection, byte[] message, CancellationToken cancellationToken)
    {
        // The answer is our state from before the merge; versions that do not fit are refused with a sentence.
        (byte[] answer, string error) = await RunAsync(
            () =>
            {
                MsgPackReader reader = new(message.AsSpan(1));
                bool join = MessageFields.TryRead(ref reader, out MessageFields header) && header.Join;
                byte[] state = _swim.EncodeState(join);
                return (state, _swim.TryMergeState(message, Now, out _, out string reason) ? "" : reason);
            },
            cancellationToken);
        if (error.Length > 0)
        {
            byte[] buffer = new byte[MessageWriter.MaxBytes(0, error.Length)];
            answer = buffer[..MessageWriter.Error(buffer, error)];
        }

        await WriteAsync(connection, answer, dialled: false, cancellationToken);
    }

    private async Task PushPullAsync(IPEndPoint target, bool join, CancellationToken cancellationToken)
    {
        using Socket connection = await DialAsync(target, cancellationToken);
        byte[] state = await RunAsync(() => _swim.EncodeState(join), cancellationToken);
        await WriteAsync(connection, state, dialled: true, cancellationToken);
        (StreamStatus status, byte[] message) = await ReadAsync(connection, expectLabel: false, cancellationToken);
        if (status != StreamStatus.Complete)
        {
            throw new GossipException($"{target} sent no readable answer; is it a member of a pool with the same keys and label?");
        }

        if ((MessageType)message[0] == MessageType.Error)
        {
            throw new GossipException($"{target} refused: {ReadError(message)}.");
        }

        string error = await RunAsync(() => _swim.TryMergeState(message, Now, out _, out string reason) ? "" : reason, cancellationToken);
        if (error.Length > 0)
        {
            throw new GossipException($"The pool of {target} does not fit: {error}.");
        }
    }

    private async Task PingAsync(SwimOutput output, CancellationToken cancellationToken)
    {
        using Socket connection = await DialAsync(output.Target, cancellationToken);
        await WriteAsync(connection, output.Message, dialled: true, cancellationToken);
        (StreamStatus status, byte[] message) = await ReadAsync(connection, expectLabel: false, cancellationToken);
        if (status == StreamStatus.Complete && (MessageType)message[0] == MessageType.Ack && TryReadSeqNo(message, out uint seqNo))
        {
            await RunAsync(() => _swim.HandleAck(seqNo, Now), cancellationToken);
        }
    }

    private async Task SendUserMessageAsync(DbOutput output, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[MessageWriter.MaxBytes(0, output.Message.Length)];
        byte[] message = buffer[..MessageWriter.UserStream(buffer, output.Message)];
        using Socket connection = await DialAsync(output.Target, cancellationToken);
        await WriteAsync(connection, message, dialled: true, cancellationToken);
        connection.Shutdown(SocketShutdown.Send);
    }

    private static async Task<Socket> DialAsync(IPEndPoint target, CancellationToken cancellationToken)
    {
        Socket socket = new(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(target, cancellationToken);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task WriteAsync(Socket connection, byte[] message, bool dialled, CancellationToken cancellationToken)
    {
        ReadOnlyMemory<byte> rest = StreamCodec.Seal(message, _options.Compress, Volatile.Read(ref _keys), _label, dialled);
        while (!rest.IsEmpty)
        {
            rest = rest[await connection.SendAsync(rest, SocketFlags.None, cancellationToken)..];
        }
    }

    private async Task<(StreamStatus Status, byte[] Message)> ReadAsync(Socket connection, bool expectLabel, CancellationToken cancellationToken)
    {
        byte[] label = expectLabel ? _label : [];
        byte[] buffer = new byte[16384];
        int length = 0;
        int tried = 0;
        while (true)
        {
            int read = await connection.ReceiveAsync(buffer.AsMemory(length), SocketFlags.None, cancellationToken);
            length += read;
            // Doubling between attempts keeps the work linear in the size of a large state.
            if (read == 0 || length >= tried * 2 || length < buffer.Length || connection.Available == 0)
            {
                tried = length;
                StreamStatus status = TryOpen(buffer.AsSpan(0, length), label, out byte[] message);
                if (status != StreamStatus.NeedsMore || read == 0)
                {
                    return (status == StreamStatus.NeedsMore ? StreamStatus.Invalid : status, message);
                }
            }

            if (length == buffer.Length)
            {
                if (length > StreamCodec.MaxBytes)
                {
                    return (StreamStatus.Invalid, []);
                }

                Array.Resize(ref buffer, length * 2);
            }
        }
    }

    private StreamStatus TryOpen(ReadOnlySpan<byte> received, byte[] label, out byte[] message)
    {
        message = [];
        if (label.Length > 0 && received.Length < 2 + label.Length)
        {
            return StreamStatus.NeedsMore;
        }

        return PacketCodec.TryTakeLabel(ref received, label)
            ? StreamCodec.TryOpen(received, Volatile.Read(ref _keys), _label, out message) : StreamStatus.Invalid;
    }

    private bool TryReadPing(byte[] message, out uint seqNo)
    {
        MsgPackReader reader = new(message.AsSpan(1));
        bool forUs = MessageFields.TryRead(ref reader, out MessageFields ping) && _swim.IsForUs(ping.Node);
        seqNo = ping.SeqNo;
        return forUs;
    }

    private static bool TryReadSeqNo(byte[] message, out uint seqNo)
    {
        MsgPackReader reader = new(message.AsSpan(1));
        bool read = MessageFields.TryRead(ref reader, out MessageFields fields);
        seqNo = fields.SeqNo;
        return read;
    }

    private static bool TryReadUserMessage(byte[] message, out byte[] userMessage)
    {
        MsgPackReader reader = new(message.AsSpan(1));
        bool read = MessageFields.TryRead(ref reader, out MessageFields header) && message.Length - 1 - reader.Position >= header.UserMsgLen;
        userMessage = read ? message.AsSpan(1 + reader.Position, header.UserMsgLen).ToArray() : [];
        return read;
    }

    private static string ReadError(byte[] message)
    {
        MsgPackReader reader = new(message.AsSpan(1));
        return MessageFields.TryRead(ref reader, out MessageFields fields) ? System.Text.Encoding.UTF8.GetString(fields.Error) : "an unreadable error";
    }
}
