using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using SwarmNet.Gossip.NetworkDb;
using SwarmNet.Gossip.Node;
using SwarmNet.Gossip.Swim;
using SwarmNet.Gossip.Wire;

namespace SwarmNet.Gossip;

// The owner loop, and what runs beside it for the UDP socket.
public sealed partial class GossipNode
{
    private const int MaxDatagramBytes = 65536;
    private long _publishedRevision = -1;

    private async Task OwnAsync()
    {
        try
        {
            while (await _inputs.Reader.WaitToReadAsync(_stopping.Token))
            {
                while (_inputs.Reader.TryRead(out NodeInput input))
                {
                    input.Command?.Invoke();
                    if (input.Packet is { } packet)
                    {
                        _swim.HandlePacket(packet, input.Source!, Now);
                    }
                }

                TimeSpan now = Now;
                _swim.Tick(now);
                _tables?.Tick(now);
                Send();
                Publish();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Disposed.
        }
        catch (Exception exception)
        {
            LogFault(_logger, NodeName, exception);
            await _stopping.CancelAsync();
            throw;
        }
        finally
        {
            _inputs.Writer.TryComplete();
            CompleteSubscriptions();
        }
    }

    private void Send()
    {
        while (_swim.TryTake(out SwimOutput output))
        {
            switch (output.Kind)
            {
                case SwimOutputKind.Packet:
                    SendPacket(output.Target, output.Message, output.Crc);
                    break;
                case SwimOutputKind.StreamPing:
                    Exchange(token => PingAsync(output, token), output.Target);
                    break;
                case SwimOutputKind.PushPull:
                    Exchange(token => PushPullAsync(output.Target, join: false, token), output.Target);
                    break;
            }
        }

        while (_tables is not null && _tables.TryTake(out DbOutput output))
        {
            switch (output.Kind)
            {
                case DbOutputKind.Packet:
                    bool crc = _swim.TryGetMember(output.Node, out MemberRecord? member) && member!.ProtocolMax >= 5;
                    SendPacket(output.Target, [(byte)MessageType.User, .. output.Message], crc);
                    break;
                case DbOutputKind.Stream:
                    Exchange(token => SendUserMessageAsync(output, token), output.Target);
                    break;
                case DbOutputKind.Rejoin:
                    Exchange(token => PushPullAsync(output.Target, join: true, token), output.Target);
                    break;
            }
        }
    }

    private void SendPacket(IPEndPoint target, byte[] message, bool crc)
    {
        byte[] packet = PacketCodec.Seal(message, _options.Compress, crc, Volatile.Read(ref _keys), _label);
        try
        {
            _udp.SendTo(packet, SocketFlags.None, target);
        }
        catch (SocketException exception)
        {
            // Unreachable, or no buffer: a lost packet, which the protocol is made for.
            LogSendFailed(_logger, NodeName, target, exception.SocketErrorCode);
        }
        catch (ObjectDisposedException)
        {
            // Stopping.
        }
    }

    private async Task ReceiveAsync()
    {
        byte[] buffer = new byte[MaxDatagramBytes];
        IPEndPoint any = new(_udp.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                SocketReceiveFromResult received = await _udp.ReceiveFromAsync(buffer, SocketFlags.None, any, _stopping.Token);
                if (PacketCodec.TryOpen(buffer.AsSpan(0, received.ReceivedBytes), Volatile.Read(ref _keys), _label, out byte[] message))
                {
                    // A full queue drops the packet: the protocol is made for that.
                    _inputs.Writer.TryWrite(new NodeInput(message, (IPEndPoint)received.RemoteEndPoint, null));
                }
            }
            catch (SocketException)
            {
                // An ICMP error of an earlier send: nothing is lost.
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void Publish()
    {
        if (_tables is not null)
        {
            Volatile.Write(ref _entries, _tables.Visible);
            lock (_subscriptions)
            {
                while (_tables.TryTakeEvent(out TableEvent tableEvent))
                {
                    foreach (TableSubscription subscription in _subscriptions)
                    {
                        subscription.Publish(tableEvent);
                    }
                }
            }
        }

        if (_swim.Revision != _publishedRevision)
        {
            _publishedRevision = _swim.Revision;
            Volatile.Write(ref _members, [.. _swim.Members.Select(static member => member.ToMember())]);
            LogMembers(_logger, NodeName, _members.Count(static member => member.State == MemberState.Alive), _members.Length);
            MembersChanged?.Invoke();
        }
    }

    private void CompleteSubscriptions()
    {
        lock (_subscriptions)
        {
            _subscriptions.ForEach(static subscription => subscription.Complete());
        }
    }

    // Runs a command on the owner loop.
    private Task RunAsync(Action command, CancellationToken cancellationToken) => RunAsync(
        () =>
        {
            command();
            return true;
        },
        cancellationToken);

    private async Task<T> RunAsync<T>(Func<T> command, CancellationToken cancellationToken)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        NodeInput input = new(null, null, () =>
        {
            try
            {
                T result = command();
                Publish();
                done.TrySetResult(result);
            }
            catch (Exception exception)
            {
                done.TrySetException(exception);
            }
        });
        try
        {
            await _inputs.Writer.WriteAsync(input, cancellationToken);
        }
        catch (System.Threading.Channels.ChannelClosedException exception)
        {
            throw new GossipException($"The gossip node {NodeName} is stopped.", exception);
        }

        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        return await done.Task.WaitAsync(either.Token);
    }

    private async Task WaitAsync(Func<bool> condition, TimeSpan timeout, CancellationToken cancellationToken)
    {
        TimeSpan deadline = Now + timeout;
        while (Now < deadline && !await RunAsync(condition, cancellationToken))
        {
            await Task.Delay(s_tick, _time, cancellationToken);
        }
    }

    [LoggerMessage(4000, LogLevel.Debug, "Gossip node {NodeName} knows {Alive} live members of {Total}")]
    private static partial void LogMembers(ILogger logger, string nodeName, int alive, int total);

    [LoggerMessage(4001, LogLevel.Debug, "Gossip node {NodeName} could not send to {Target}: {Error}")]
    private static partial void LogSendFailed(ILogger logger, string nodeName, IPEndPoint target, SocketError error);

    [LoggerMessage(4002, LogLevel.Debug, "Gossip node {NodeName}: an exchange with {Target} failed: {Reason}")]
    private static partial void LogExchangeFailed(ILogger logger, string nodeName, IPEndPoint target, string reason);

    [LoggerMessage(4003, LogLevel.Critical, "Gossip node {NodeName} stops")]
    private static partial void LogFault(ILogger logger, string nodeName, Exception exception);
}
