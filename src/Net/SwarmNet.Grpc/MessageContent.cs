using System.Buffers;
using System.Net;
using System.Net.Http.Headers;
using Google.Protobuf;

namespace SwarmNet.Grpc;

/// <summary>A request body of exactly one message.</summary>
internal sealed class MessageContent : HttpContent
{
    private readonly IMessage _message;

    public MessageContent(IMessage message)
    {
        _message = message;
        Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        var frame = new ArrayBufferWriter<byte>(Framing.PrefixSize + _message.CalculateSize());
        Framing.WriteFrame(frame, _message);
        await stream.WriteAsync(frame.WrittenMemory);
    }

    protected override bool TryComputeLength(out long length)
    {
        // Other gRPC stacks send no content-length; neither do we.
        length = 0;
        return false;
    }
}
