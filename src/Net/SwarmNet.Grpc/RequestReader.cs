using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Google.Protobuf;

namespace SwarmNet.Grpc;

/// <summary>Reads a call's request messages from the request body.</summary>
internal static class RequestReader
{
    /// <summary>The one request of a unary or server-streaming call, with the end of the body behind it.</summary>
    public static async Task<T> ReadSingleAsync<T>(PipeReader body, MessageParser<T> parser, int maxBytes, CancellationToken cancellationToken)
        where T : IMessage<T>
    {
        T? request = default;
        var count = 0;
        await foreach (var message in ReadAllAsync(body, parser, maxBytes, cancellationToken))
        {
            request = message;
            if (++count > 1)
            {
                throw new RpcException(StatusCode.Internal, "The request of this method is one message, and more came.");
            }
        }

        return count == 1 ? request! : throw new RpcException(StatusCode.Internal, "The request ended before its message.");
    }

    /// <summary>Every request until the caller closes its side.</summary>
    public static async IAsyncEnumerable<T> ReadAllAsync<T>(
        PipeReader body, MessageParser<T> parser, int maxBytes, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : IMessage<T>
    {
        while (true)
        {
            var result = await body.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            while (TryParse(ref buffer, parser, maxBytes, out var message))
            {
                // The message owns copies of its bytes, so the pipe may advance whenever it likes.
                yield return message;
            }

            var leftover = !buffer.IsEmpty;
            body.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                if (leftover)
                {
                    throw new RpcException(StatusCode.Internal, "The request ended in the middle of a message.");
                }

                yield break;
            }
        }
    }

    private static bool TryParse<T>(ref ReadOnlySequence<byte> buffer, MessageParser<T> parser, int maxBytes, out T message)
        where T : IMessage<T>
    {
        message = default!;
        switch (Framing.TryReadFrame(ref buffer, maxBytes, out var bytes))
        {
            case FrameStatus.NeedMore:
                return false;
            case FrameStatus.TooLarge:
                throw new RpcException(StatusCode.ResourceExhausted, $"grpc: received message larger than max ({maxBytes} bytes)");
            case FrameStatus.Compressed:
                throw new RpcException(StatusCode.Unimplemented, "grpc: compressed messages are not supported");
        }

        try
        {
            message = parser.ParseFrom(bytes);
            return true;
        }
        catch (InvalidProtocolBufferException invalid)
        {
            throw new RpcException(StatusCode.Internal, $"grpc: failed to unmarshal the received message: {invalid.Message}", invalid);
        }
    }
}
