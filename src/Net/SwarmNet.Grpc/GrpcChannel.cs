using System.Net;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace SwarmNet.Grpc;

/// <summary>
/// The client half: calls to one peer over one HTTP/2 connection, dialled when first needed and again when lost. HTTP/2 by prior knowledge, so
/// that neither side depends on ALPN; TLS is whatever <see cref="GrpcChannelOptions.Connect"/> did. Thread-safe. To use a new certificate,
/// make a new channel.
/// </summary>
public sealed class GrpcChannel : IDisposable
{
    private readonly HttpMessageInvoker _http;
    private readonly GrpcChannelOptions _options;
    private readonly string _baseUri;

    /// <summary>A channel; nothing is dialled yet.</summary>
    public GrpcChannel(GrpcChannelOptions options)
    {
        _options = options;
        _baseUri = $"http://{options.Authority}";
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            ActivityHeadersPropagator = null,
            EnableMultipleHttp2Connections = false,
            PooledConnectionLifetime = Timeout.InfiniteTimeSpan,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            ConnectTimeout = options.ConnectTimeout,
            KeepAlivePingDelay = options.KeepAlive,
            KeepAlivePingTimeout = options.KeepAlive,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            ConnectCallback = (_, cancellationToken) => options.Connect(cancellationToken),
        });
    }

    /// <summary>
    /// Calls a unary method. Throws <see cref="RpcException"/> with the status, Unavailable when the peer cannot be reached, DeadlineExceeded
    /// when the timeout passed; <see cref="OperationCanceledException"/> when <paramref name="cancellationToken"/> was cancelled.
    /// </summary>
    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        Method<TRequest, TResponse> method, TRequest request, CallOptions options, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        await using var call = Start(method, MethodKind.Unary, new MessageContent(request), options, cancellationToken);
        return await call.ResponseAsync(cancellationToken);
    }

    /// <summary>Calls a server-streaming method; dispose the call to end it.</summary>
    public GrpcCall<TRequest, TResponse> ServerStreaming<TRequest, TResponse>(
        Method<TRequest, TResponse> method, TRequest request, CallOptions options, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
        => Start(method, MethodKind.ServerStreaming, new MessageContent(request), options, cancellationToken);

    /// <summary>Calls a client-streaming method: write, then take <see cref="GrpcCall{TRequest,TResponse}.ResponseAsync"/>.</summary>
    public GrpcCall<TRequest, TResponse> ClientStreaming<TRequest, TResponse>(
        Method<TRequest, TResponse> method, CallOptions options, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
        => Start(method, MethodKind.ClientStreaming, new RequestStreamContent(), options, cancellationToken);

    /// <summary>Calls a method with streams both ways.</summary>
    public GrpcCall<TRequest, TResponse> Duplex<TRequest, TResponse>(
        Method<TRequest, TResponse> method, CallOptions options, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
        => Start(method, MethodKind.Duplex, new RequestStreamContent(), options, cancellationToken);

    /// <summary>
    /// Passes a request that a server got on to the peer, whatever it is (a call of any kind, or plain HTTP), and the answer back, both as they
    /// flow. The connection is that of the calls. False when the peer cannot be reached and has seen nothing of the request: it may be passed to
    /// another one. Throws <see cref="HttpRequestException"/> or <see cref="IOException"/> when the peer is lost before it has answered; once the
    /// answer has begun, a loss cuts the client off too.
    /// </summary>
    /// <param name="http">The request, and where the answer goes.</param>
    /// <param name="pathAndQuery">What to ask the peer for, with its leading slash.</param>
    /// <param name="headers">Headers to set, in place of the client's of that name.</param>
    public async Task<bool> TryForwardAsync(HttpContext http, string pathAndQuery, IEnumerable<KeyValuePair<string, string>> headers)
    {
        using var request = HttpForwarding.Request(http, _baseUri + pathAndQuery, headers);
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, http.RequestAborted);
        }
        catch (HttpRequestException failure) when (failure.HttpRequestError
            is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError)
        {
            return false;
        }

        using (response)
        {
            try
            {
                await HttpForwarding.AnswerAsync(http, response);
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException && http.Response.HasStarted)
            {
                http.Abort();
            }
        }

        return true;
    }

    /// <summary>Closes the connection; calls in progress fail.</summary>
    public void Dispose() => _http.Dispose();

    /// <summary>Throws unless the answer is gRPC at all: status 200 and its content type.</summary>
    internal static void EnsureGrpc(HttpResponseMessage response)
    {
        if (response.StatusCode == HttpStatusCode.OK && response.Content.Headers.ContentType?.MediaType?.StartsWith("application/grpc", StringComparison.Ordinal) == true)
        {
            return;
        }

        // grpc/grpc doc/http-grpc-status-mapping.md
        var code = response.StatusCode switch
        {
            HttpStatusCode.BadRequest => StatusCode.Internal,
            HttpStatusCode.Unauthorized => StatusCode.Unauthenticated,
            HttpStatusCode.Forbidden => StatusCode.PermissionDenied,
            HttpStatusCode.NotFound => StatusCode.Unimplemented,
            HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout
                => StatusCode.Unavailable,
            _ => StatusCode.Unknown,
        };
        throw new RpcException(code, $"The peer answered with HTTP status {(int)response.StatusCode} and content type \"{response.Content.Headers.ContentType}\", which is not gRPC.");
    }

    /// <summary>Throws unless the status is OK. It stands in the trailers, or in the headers when there was no body.</summary>
    internal static void EnsureOk(HttpResponseMessage response)
    {
        if (!TryGetStatus(response.TrailingHeaders, out var status) && !TryGetStatus(response.Headers, out status))
        {
            throw new RpcException(StatusCode.Unavailable, "The response ended without a status.");
        }

        if (status.Code != StatusCode.OK)
        {
            throw new RpcException(status);
        }
    }

    /// <summary>The sentence of the innermost cause: "Connection refused", not "An error occurred while sending the request".</summary>
    internal static string Describe(Exception failure)
    {
        while (failure.InnerException is { } inner && failure is HttpRequestException or IOException)
        {
            failure = inner;
        }

        return failure.Message;
    }

    private static bool TryGetStatus(System.Net.Http.Headers.HttpResponseHeaders headers, out GrpcStatus status)
    {
        status = default;
        return headers.TryGetValues("grpc-status", out var codes)
            && GrpcStatus.TryParse(codes.FirstOrDefault(), headers.TryGetValues("grpc-message", out var messages) ? messages.FirstOrDefault() : null, out status);
    }

    private GrpcCall<TRequest, TResponse> Start<TRequest, TResponse>(
        Method<TRequest, TResponse> method, MethodKind kind, HttpContent content, CallOptions options, CancellationToken cancellationToken)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse>
    {
        if (method.Kind != kind)
        {
            throw new ArgumentException($"{method.Path} is {method.Kind}, and is called as {kind}.", nameof(method));
        }

        var request = new HttpRequestMessage(HttpMethod.Post, _baseUri + method.Path)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.TE.ParseAdd("trailers");
        request.Headers.TryAddWithoutValidation("user-agent", _options.UserAgent);
        if (options.Timeout is { } timeout)
        {
            request.Headers.TryAddWithoutValidation("grpc-timeout", GrpcTimeout.Format(timeout));
        }

        foreach (var (key, value) in options.Metadata ?? [])
        {
            request.Headers.TryAddWithoutValidation(key, value);
        }

        return new GrpcCall<TRequest, TResponse>(_http, request, method, options.Timeout, cancellationToken);
    }
}
