using System.Net;
using System.Net.Http.Headers;

namespace SwarmNet.Grpc;

/// <summary>A request body that is written while the call lives: hands the handler's stream to the call and keeps it open until completed.</summary>
internal sealed class RequestStreamContent : HttpContent
{
    private readonly TaskCompletionSource<Stream> _stream = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _completed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public RequestStreamContent() => Headers.ContentType = new MediaTypeHeaderValue("application/grpc");

    /// <summary>The body; available once the connection is up.</summary>
    public Task<Stream> Stream => _stream.Task;

    public void Complete() => _completed.TrySetResult();

    /// <summary>No body will be written: the call failed before or ended.</summary>
    public void Abandon(Exception reason)
    {
        _stream.TrySetException(reason);
        _ = _stream.Task.Exception;
        _completed.TrySetResult();
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        // Without a flush the headers would wait for the first message.
        await stream.FlushAsync();
        _stream.TrySetResult(stream);
        await _completed.Task;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
