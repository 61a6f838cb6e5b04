using System.IO.Pipelines;
using Google.Protobuf;

namespace SwarmNet.Grpc;

/// <summary>Where a handler writes the responses of a stream. One writer at a time.</summary>
/// <typeparam name="TResponse">The response message.</typeparam>
public sealed class ServerStreamWriter<TResponse>
    where TResponse : IMessage<TResponse>
{
    private readonly PipeWriter _writer;

    internal ServerStreamWriter(PipeWriter writer) => _writer = writer;

    /// <summary>Messages written so far.</summary>
    public long Count { get; private set; }

    /// <summary>Writes one message and sends it; waits while the peer's flow-control window is closed.</summary>
    public async ValueTask WriteAsync(TResponse message, CancellationToken cancellationToken)
    {
        Framing.WriteFrame(_writer, message);
        Count++;
        var result = await _writer.FlushAsync(cancellationToken);
        if (result.IsCompleted || result.IsCanceled)
        {
            // Kestrel swallows writes to a stream that the peer reset; the handler should end.
            throw new OperationCanceledException("The caller is gone.");
        }
    }
}
