using Google.Protobuf;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace SwarmNet.Grpc;

/// <summary>
/// The server half: a terminal request delegate (<see cref="InvokeAsync"/>) over a dictionary of paths. Map every method before the first
/// request. One instance serves any number of connections.
/// </summary>
public sealed class GrpcServer : IDisposable
{
    private readonly Dictionary<string, Func<HttpContext, Task>> _handlers = new(StringComparer.Ordinal);
    private readonly HashSet<string> _services = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stopping = new();
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private GrpcStatus _stopReason = new(StatusCode.Unavailable, "The server is stopping.");
    private int _openStreams;

    /// <summary>A server without methods.</summary>
    /// <param name="time">The clock of deadlines; the system's when null.</param>
    public GrpcServer(TimeProvider? time = null) => _time = time ?? TimeProvider.System;

    /// <summary>Asked before every call; anything but OK refuses it. Null admits every call.</summary>
    public Func<ServerCallContext, GrpcStatus>? Authorize { get; init; }

    /// <summary>Told of every exception of a handler that is neither a status nor a cancellation: a fault of ours. The caller sees Unknown.</summary>
    public Action<ServerCallContext, Exception>? Fault { get; init; }

    /// <summary>Maps a unary method.</summary>
    public void MapUnary<TRequest, TResponse>(Method<TRequest, TResponse> method, Func<TRequest, ServerCallContext, Task<TResponse>> handler)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse>
        => Map(method, MethodKind.Unary, async (http, call) =>
        {
            var request = await RequestReader.ReadSingleAsync(http.Request.BodyReader, method.RequestParser, method.MaxRequestBytes, call.CancellationToken);
            Respond(http, await handler(request, call));
        });

    /// <summary>Maps a server-streaming method. The response headers leave at once, even when the stream stays silent.</summary>
    public void MapServerStreaming<TRequest, TResponse>(
        Method<TRequest, TResponse> method, Func<TRequest, ServerStreamWriter<TResponse>, ServerCallContext, Task> handler)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse>
        => Map(method, MethodKind.ServerStreaming, async (http, call) =>
        {
            var request = await RequestReader.ReadSingleAsync(http.Request.BodyReader, method.RequestParser, method.MaxRequestBytes, call.CancellationToken);
            await SendHeadersAsync(http, call.CancellationToken);
            await handler(request, new ServerStreamWriter<TResponse>(http.Response.BodyWriter), call);
        });

    /// <summary>Maps a client-streaming method.</summary>
    public void MapClientStreaming<TRequest, TResponse>(
        Method<TRequest, TResponse> method, Func<IAsyncEnumerable<TRequest>, ServerCallContext, Task<TResponse>> handler)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse>
        => Map(method, MethodKind.ClientStreaming, async (http, call) =>
        {
            var requests = RequestReader.ReadAllAsync(http.Request.BodyReader, method.RequestParser, method.MaxRequestBytes, call.CancellationToken);
            Respond(http, await handler(requests, call));
        });

    /// <summary>Maps a method with streams both ways. The response headers leave at once.</summary>
    public void MapDuplex<TRequest, TResponse>(
        Method<TRequest, TResponse> method, Func<IAsyncEnumerable<TRequest>, ServerStreamWriter<TResponse>, ServerCallContext, Task> handler)
        where TRequest : IMessage<TRequest>
        where TResponse : IMessage<TResponse>
        => Map(method, MethodKind.Duplex, async (http, call) =>
        {
            await SendHeadersAsync(http, call.CancellationToken);
            var requests = RequestReader.ReadAllAsync(http.Request.BodyReader, method.RequestParser, method.MaxRequestBytes, call.CancellationToken);
            await handler(requests, new ServerStreamWriter<TResponse>(http.Response.BodyWriter), call);
        });

    /// <summary>The request delegate.</summary>
    public Task InvokeAsync(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return Task.CompletedTask;
        }

        if (http.Request.ContentType?.StartsWith("application/grpc", StringComparison.Ordinal) != true)
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return Task.CompletedTask;
        }

        http.Response.ContentType = "application/grpc";
        if (_handlers.TryGetValue(http.Request.Path.Value ?? "", out var handler))
        {
            return handler(http);
        }

        SetStatus(http, Unknown(http.Request.Path.Value ?? ""));
        return Task.CompletedTask;
    }

    /// <summary>
    /// Ends every stream with <paramref name="reason"/>, and every stream opened from now on; returns when they have ended. Call it before
    /// the listener stops: HTTP/2 would otherwise keep old streams alive for its whole grace period.
    /// </summary>
    public async Task StopStreamsAsync(GrpcStatus reason, CancellationToken cancellationToken)
    {
        _stopReason = reason;
        await _stopping.CancelAsync();
        if (Volatile.Read(ref _openStreams) > 0)
        {
            await _drained.Task.WaitAsync(cancellationToken);
        }
    }

    /// <summary>Answers a request with nothing but a status, for whoever decides before a server gets to see it.</summary>
    public static void Refuse(HttpContext http, GrpcStatus status)
    {
        http.Response.ContentType = "application/grpc";
        SetStatus(http, status);
    }

    /// <inheritdoc/>
    public void Dispose() => _stopping.Dispose();

    private void Map(Method method, MethodKind kind, Func<HttpContext, ServerCallContext, Task> run)
    {
        if (method.Kind != kind)
        {
            throw new ArgumentException($"{method.Path} is {method.Kind}, and is mapped as {kind}.", nameof(method));
        }

        _services.Add(method.Service);
        _handlers.Add(method.Path, http => RunAsync(http, method, run));
    }

    private async Task RunAsync(HttpContext http, Method method, Func<HttpContext, ServerCallContext, Task> run)
    {
        var streaming = method.Kind != MethodKind.Unary;
        var hasDeadline = GrpcTimeout.TryParse(http.Request.Headers["grpc-timeout"], out var timeout);

        // Only streams and calls with a deadline need a source of their own; the rest end with their connection's stream.
        using var timer = hasDeadline ? new CancellationTokenSource(timeout, _time) : null;
        using var source = streaming || hasDeadline
            ? CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, streaming ? _stopping.Token : default, timer?.Token ?? default)
            : null;
        var call = new ServerCallContext(http, method, hasDeadline ? _time.GetUtcNow() + timeout : null, source?.Token ?? http.RequestAborted);
        if (streaming)
        {
            Interlocked.Increment(ref _openStreams);
        }

        try
        {
            SetStatus(http, await StatusOfAsync(http, call, run, timer));
        }
        finally
        {
            if (streaming && Interlocked.Decrement(ref _openStreams) == 0 && _stopping.IsCancellationRequested)
            {
                _drained.TrySetResult();
            }
        }
    }

    private async Task<GrpcStatus> StatusOfAsync(
        HttpContext http, ServerCallContext call, Func<HttpContext, ServerCallContext, Task> run, CancellationTokenSource? timer)
    {
        try
        {
            if (Authorize?.Invoke(call) is { Code: not StatusCode.OK } refused)
            {
                return refused;
            }

            await run(http, call);
            return GrpcStatus.OK;
        }
        catch (RpcException failure)
        {
            return failure.Status;
        }
        catch (OperationCanceledException) when (timer?.IsCancellationRequested == true)
        {
            return new GrpcStatus(StatusCode.DeadlineExceeded, "context deadline exceeded");
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested && !http.RequestAborted.IsCancellationRequested)
        {
            return _stopReason;
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException or ConnectionAbortedException or BadHttpRequestException)
        {
            // The peer left; Kestrel reports that in several ways, and nobody is there to read the status.
            return new GrpcStatus(StatusCode.Cancelled, "context canceled");
        }
        catch (Exception fault)
        {
            Fault?.Invoke(call, fault);
            return new GrpcStatus(StatusCode.Unknown, "The call failed by an error in the server; its log says more.");
        }
    }

    private GrpcStatus Unknown(string path)
    {
        var slash = path.LastIndexOf('/');
        var service = slash > 0 ? path[1..slash] : "";
        return new GrpcStatus(StatusCode.Unimplemented, _services.Contains(service)
            ? $"unknown method {path[(slash + 1)..]} for service {service}"
            : $"unknown service {service}");
    }

    private static void Respond<TResponse>(HttpContext http, TResponse response)
        where TResponse : IMessage<TResponse>
        => Framing.WriteFrame(http.Response.BodyWriter, response);

    // Response.StartAsync alone puts no HEADERS frame on the wire; a flush does.
    private static async ValueTask SendHeadersAsync(HttpContext http, CancellationToken cancellationToken)
    {
        await http.Response.StartAsync(cancellationToken);
        await http.Response.BodyWriter.FlushAsync(cancellationToken);
    }

    /// <summary>Trailers after a body; without one the status travels in the headers ("trailers-only").</summary>
    private static void SetStatus(HttpContext http, GrpcStatus status)
    {
        var code = ((int)status.Code).ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (http.Response.HasStarted || status.Code == StatusCode.OK)
        {
            http.Response.AppendTrailer("grpc-status", code);
            if (status.Detail.Length > 0)
            {
                http.Response.AppendTrailer("grpc-message", PercentEncoding.Encode(status.Detail));
            }

            return;
        }

        http.Response.Headers["grpc-status"] = code;
        http.Response.Headers["grpc-message"] = PercentEncoding.Encode(status.Detail);
    }
}
