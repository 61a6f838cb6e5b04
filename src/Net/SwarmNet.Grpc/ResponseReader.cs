using System.Buffers;
using Google.Protobuf;

namespace SwarmNet.Grpc;

/// <summary>Reads response messages from a response body, one rented array per message.</summary>
internal sealed class ResponseReader<T>(Stream body, MessageParser<T> parser, int maxBytes)
    where T : class, IMessage<T>
{
    private readonly byte[] _prefix = new byte[Framing.PrefixSize];

    /// <summary>The next message; null at the end of the body.</summary>
    public async ValueTask<T?> ReadAsync(CancellationToken cancellationToken)
    {
        var read = await body.ReadAtLeastAsync(_prefix, _prefix.Length, throwOnEndOfStream: false, cancellationToken);
        if (read == 0)
        {
            return null;
        }

        if (read < _prefix.Length)
        {
            throw new RpcException(StatusCode.Unavailable, "The response ended in the middle of a message.");
        }

        switch (Framing.CheckPrefix(_prefix, maxBytes, out var length))
        {
            case FrameStatus.TooLarge:
                throw new RpcException(StatusCode.ResourceExhausted, $"grpc: received message larger than max ({maxBytes} bytes)");
            case FrameStatus.Compressed:
                throw new RpcException(StatusCode.Unimplemented, "grpc: compressed messages are not supported");
        }

        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            await body.ReadExactlyAsync(buffer.AsMemory(0, length), cancellationToken);
            return parser.ParseFrom(buffer, 0, length);
        }
        catch (EndOfStreamException cut)
        {
            throw new RpcException(StatusCode.Unavailable, "The response ended in the middle of a message.", cut);
        }
        catch (InvalidProtocolBufferException invalid)
        {
            throw new RpcException(StatusCode.Internal, $"grpc: failed to unmarshal the received message: {invalid.Message}", invalid);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
