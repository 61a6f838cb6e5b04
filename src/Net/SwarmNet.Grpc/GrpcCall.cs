using System.Buffers;
using System.Runtime.CompilerServices;
using Google.Protobuf;

namespace SwarmNet.Grpc;

/// <summary>
/// A call in progress, with a stream on at least one side. One writer and one reader at a time; they may run together. Disposing it before its
/// end cancels it at the peer.
/// </summary>
/// <typeparam name="TRequest">The request message.</typeparam>
/// <typeparam name="TResponse">The response message.</typeparam>
public sealed class GrpcCall<TRequest, TResponse> : IAsyncDisposable
    where TRequest : class, IMessage<TRequest>
    where TResponse : class, IMessage<TResponse>
{
    private readonly Method<TRequest, TResponse> _method;
    private readonly CancellationTokenSource _cancelled;
    private readonly CancellationTokenSource? _deadline;
    private readonly RequestStreamContent? _requestBody;
    private readonly Task<HttpResponseMessage> _response;
    private readonly ArrayBufferWriter<byte> _frame = new();
    private ResponseReader<TResponse>? _reader;
    private TResponse? _early;
    private bool _ended;

    internal GrpcCall(
        HttpMessageInvoker http, HttpRequestMessage request, Method<TRequest, TResponse> method, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        _method = method;
        _requestBody = request.Content as RequestStreamContent;
        _deadline = timeout is { } limit ? new CancellationTokenSource(limit) : null;
        _cancelled = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _deadline?.Token ?? default);
        _response = SendAsync(http, request);
    }

    /// <summary>
    /// Sends one message; waits while the peer's flow-control window is closed. Throws <see cref="RpcException"/> when the peer ended the call: on client
    /// streams with its status, or Cancelled when it answered before the last request; on duplex streams the next read has the status.
    /// </summary>
    public async ValueTask WriteAsync(TRequest message, CancellationToken cancellationToken)
    {
        if (_requestBody is null)
        {
            throw new InvalidOperationException($"{_method.Path} takes one request.");
        }

        try
        {
            var stream = await _requestBody.Stream.WaitAsync(cancellationToken);
            _frame.ResetWrittenCount();
            Framing.WriteFrame(_frame, message);
            await stream.WriteAsync(_frame.WrittenMemory, cancellationToken);
            await stream.FlushAsync(cancellationToken);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            if (_method.Kind == MethodKind.ClientStreaming)
            {
                // Nobody else reads yet: the peer's status says more than the broken stream does, and is thrown here unless it is OK.
                _early ??= await ReadAsync(cancellationToken);
                throw new RpcException(StatusCode.Cancelled, "The peer answered before the last request.", failure);
            }

            throw Translate(failure);
        }
    }

    /// <summary>Says that no more requests come.</summary>
    public void CompleteWrites() => _requestBody?.Complete();

    /// <summary>The next response; null when the call ended with OK. Throws <see cref="RpcException"/> with any other status.</summary>
    public async ValueTask<TResponse?> ReadAsync(CancellationToken cancellationToken)
    {
        if (_ended)
        {
            return null;
        }

        try
        {
            var response = await _response.WaitAsync(cancellationToken);
            _reader ??= await OpenAsync(response, cancellationToken);
            var message = _reader is null ? null : await ReadMessageAsync(_reader, cancellationToken);
            if (message is null)
            {
                _ended = true;
                GrpcChannel.EnsureOk(response);
            }

            return message;
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested || failure is RpcException)
        {
            _ended = true;
            throw Translate(failure);
        }
    }

    /// <summary>Every response until the call ends with OK.</summary>
    public async IAsyncEnumerable<TResponse> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        while (await ReadAsync(cancellationToken) is { } message)
        {
            yield return message;
        }
    }

    /// <summary>Ends the requests and waits for the one response of a unary or client-streaming call.</summary>
    public async Task<TResponse> ResponseAsync(CancellationToken cancellationToken)
    {
        CompleteWrites();
        var response = _early ?? await ReadAsync(cancellationToken)
            ?? throw new RpcException(StatusCode.Internal, $"{_method.Path} ended with OK and without its response.");

        // The trailers stand behind the end of the body.
        return await ReadAsync(cancellationToken) is null
            ? response
            : throw new RpcException(StatusCode.Internal, $"{_method.Path} answered with more than one response.");
    }

    /// <summary>Ends the call; cancels it at the peer unless it has ended already.</summary>
    public async ValueTask DisposeAsync()
    {
        await _cancelled.CancelAsync();
        _requestBody?.Abandon(new OperationCanceledException("The call was disposed."));
        try
        {
            (await _response).Dispose();
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            // It failed before it had a response; whoever read it was told.
        }

        _cancelled.Dispose();
        _deadline?.Dispose();
    }

    private async Task<HttpResponseMessage> SendAsync(HttpMessageInvoker http, HttpRequestMessage request)
    {
        try
        {
            return await http.SendAsync(request, _cancelled.Token);
        }
        catch (Exception failure)
        {
            _requestBody?.Abandon(failure);
            throw;
        }
    }

    private async Task<ResponseReader<TResponse>?> OpenAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        GrpcChannel.EnsureGrpc(response);
        var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        return new ResponseReader<TResponse>(body, _method.ResponseParser, _method.MaxResponseBytes);
    }

    private async ValueTask<TResponse?> ReadMessageAsync(ResponseReader<TResponse> reader, CancellationToken cancellationToken)
    {
        // The body stream outlives SendAsync's token, so a deadline or disposal has to reach the read itself.
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _cancelled.Token);
        return await reader.ReadAsync(both.Token);
    }

    private RpcException Translate(Exception failure) => failure switch
    {
        RpcException status => status,
        _ when _deadline?.IsCancellationRequested == true => new RpcException(StatusCode.DeadlineExceeded, "context deadline exceeded", failure),
        OperationCanceledException => new RpcException(StatusCode.Cancelled, "context canceled", failure),
        _ => new RpcException(StatusCode.Unavailable, GrpcChannel.Describe(failure), failure),
    };
}
