using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace SwarmNet.Grpc;

[CancelAfter(20_000)]
public sealed class LoopbackTests
{
    [Test]
    public async Task Unary(CancellationToken cancellationToken)
    {
        await using var loop = await Loopback.StartAsync(server =>
            server.MapUnary(Loopback.Echo, (request, call) => Task.FromResult(new StringValue { Value = request.Value + call.Metadata("x-mark")[0] })));
        var options = new CallOptions(Metadata: [new("x-mark", "!")]);
        var answer = await loop.Channel.UnaryAsync(Loopback.Echo, new StringValue { Value = "hello" }, options, cancellationToken);
        Assert.That(answer.Value, Is.EqualTo("hello!"));
    }

    [Test]
    public async Task Unary_calls_run_side_by_side_on_one_connection(CancellationToken cancellationToken)
    {
        var peers = new HashSet<int>();
        await using var loop = await Loopback.StartAsync(server => server.MapUnary(Loopback.Echo, (request, call) =>
        {
            lock (peers)
            {
                peers.Add(call.Peer!.Port);
            }

            return Task.FromResult(request);
        }));
        await loop.Channel.UnaryAsync(Loopback.Echo, new StringValue(), default, cancellationToken);
        var calls = Enumerable.Range(0, 200)
            .Select(i => loop.Channel.UnaryAsync(Loopback.Echo, new StringValue { Value = $"{i}" }, default, cancellationToken));
        var answers = await Task.WhenAll(calls);
        Assert.That(answers.Select(answer => int.Parse(answer.Value)), Is.EqualTo(Enumerable.Range(0, 200)));
        Assert.That(peers, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Messages_far_over_the_flow_control_window(CancellationToken cancellationToken)
    {
        var method = Loopback.Bytes with { MaxRequestBytes = 32 << 20, MaxResponseBytes = 32 << 20 };
        await using var loop = await Loopback.StartAsync(server => server.MapUnary(method, (request, _) => Task.FromResult(request)));
        var data = new byte[20 << 20];
        new Random(1).NextBytes(data);
        var answer = await loop.Channel.UnaryAsync(method, new BytesValue { Value = ByteString.CopyFrom(data) }, default, cancellationToken);
        Assert.That(answer.Value.Span.SequenceEqual(data));
    }

    [Test]
    public async Task A_request_over_the_limit_is_refused(CancellationToken cancellationToken)
    {
        var called = false;
        await using var loop = await Loopback.StartAsync(server => server.MapUnary(Loopback.Bytes with { MaxRequestBytes = 1000 }, (request, _) =>
        {
            called = true;
            return Task.FromResult(request);
        }));
        var request = new BytesValue { Value = ByteString.CopyFrom(new byte[2000]) };
        var failure = await Assert.ThrowsAsync<RpcException>(() => loop.Channel.UnaryAsync(Loopback.Bytes, request, default, cancellationToken));
        Assert.That(failure!.Code, Is.EqualTo(StatusCode.ResourceExhausted));
        Assert.That(called, Is.False);
    }

    [Test]
    public async Task A_response_over_the_limit_is_refused(CancellationToken cancellationToken)
    {
        await using var loop = await Loopback.StartAsync(server => server.MapUnary(Loopback.Bytes, (request, _) => Task.FromResult(request)));
        var request = new BytesValue { Value = ByteString.CopyFrom(new byte[2000]) };
        var failure = await Assert.ThrowsAsync<RpcException>(
            () => loop.Channel.UnaryAsync(Loopback.Bytes with { MaxResponseBytes = 1000 }, request, default, cancellationToken));
        Assert.That(failure!.Code, Is.EqualTo(StatusCode.ResourceExhausted));
    }

    [Test]
    public async Task Server_streaming(CancellationToken cancellationToken)
    {
        await using var loop = await Loopback.StartAsync(server => server.MapServerStreaming(Loopback.Count, async (request, responses, call) =>
        {
            for (var i = 1; i <= request.Value; i++)
            {
                await responses.WriteAsync(new Int32Value { Value = i }, call.CancellationToken);
            }
        }));
        await using var counting = loop.Channel.ServerStreaming(Loopback.Count, new Int32Value { Value = 1000 }, default, cancellationToken);
        var numbers = new List<int>();
        await foreach (var number in counting.ReadAllAsync(cancellationToken))
        {
            numbers.Add(number.Value);
        }

        Assert.That(numbers, Is.EqualTo(Enumerable.Range(1, 1000)));
        Assert.That(await counting.ReadAsync(cancellationToken), Is.Null, "the end stays the end");
    }

    [Test]
    public async Task A_silent_stream_sends_its_headers_at_once(CancellationToken cancellationToken)
    {
        await using var loop = await Loopback.StartAsync(server =>
            server.MapServerStreaming(Loopback.Count, (_, _, call) => Task.Delay(Timeout.Infinite, call.CancellationToken)));
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        using var request = RawRequest(loop, "/test.Echo/Count", [0, 0, 0, 0, 0]);
        using var response = await http.SendAsync(request, cancellationToken);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Client_streaming(CancellationToken cancellationToken)
    {
        await using var loop = await Loopback.StartAsync(server => server.MapClientStreaming(Loopback.Sum, async (requests, _) =>
        {
            var sum = 0;
            await foreach (var request in requests)
            {
                sum += request.Value;
            }

            return new Int32Value { Value = sum };
        }));
        await using var summing = loop.Channel.ClientStreaming(Loopback.Sum, default, cancellationToken);
        for (var i = 1; i <= 1000; i++)
        {
            await summing.WriteAsync(new Int32Value { Value = i }, cancellationToken);
        }

        Assert.That((await summing.ResponseAsync(cancellationToken)).Value, Is.EqualTo(500500));
    }

    [Test]
    public async Task Duplex_is_a_conversation(CancellationToken cancellationToken)
    {
        await using var loop = await Loopback.StartAsync(server => server.MapDuplex(Loopback.Chat, async (requests, responses, call) =>
        {
            await foreach (var request in requests)
            {
                await responses.WriteAsync(new StringValue { Value = $"you said {request.Value}" }, call.CancellationToken);
            }
        }));
        await using var chat = loop.Channel.Duplex(Loopback.Chat, default, cancellationToken);
        foreach (var word in new[] { "one", "two", "three" })
        {
            await chat.WriteAsync(new StringValue { Value = word }, cancellationToken);
            Assert.That((await chat.ReadAsync(cancellationToken))?.Value, Is.EqualTo($"you said {word}"));
        }

        chat.CompleteWrites();
        Assert.That(await chat.ReadAsync(cancellationToken), Is.Null);
    }

    [Test]
    public async Task Errors_before_and_after_the_first_message(CancellationToken cancellationToken)
    {
        const string Text = "größer als 100 %\nsecond line";
        await using var loop = await Loopback.StartAsync(server =>
        {
            server.MapUnary<StringValue, StringValue>(Loopback.Echo, (_, _) => throw new RpcException(StatusCode.FailedPrecondition, Text));
            server.MapServerStreaming(Loopback.Count, async (request, responses, call) =>
            {
                await responses.WriteAsync(request, call.CancellationToken);
                throw new RpcException(StatusCode.Aborted, Text);
            });
        });
        var failure = await Assert.ThrowsAsync<RpcException>(() => loop.Channel.UnaryAsync(Loopback.Echo, new StringValue(), default, cancellationToken));
        Assert.That(failure!.Status, Is.EqualTo(new GrpcStatus(StatusCode.FailedPrecondition, Text)));

        await using var counting = loop.Channel.ServerStreaming(Loopback.Count, new Int32Value { Value = 7 }, default, cancellationToken);
        Assert.That((await counting.ReadAsync(cancellationToken))?.Value, Is.EqualTo(7));
        failure = await Assert.ThrowsAsync<RpcException>(async () => await counting.ReadAsync(cancellationToken));
        Assert.That(failure!.Status, Is.EqualTo(new GrpcStatus(StatusCode.Aborted, Text)));
    }

    [Test]
    public async Task A_unary_error_is_trailers_only(CancellationToken cancellationToken)
    {
        await using var loop = await Loopback.StartAsync(server =>
            server.MapUnary<StringValue, StringValue>(Loopback.Echo, (_, _) => throw new RpcException(StatusCode.NotFound, "no")));
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        using var request = RawRequest(loop, "/test.Echo/Echo", [0, 0, 0, 0, 0]);
        using var response = await http.SendAsync(request, cancellationToken);
        Assert.That(response.Headers.GetValues("grpc-status"), Is.EqualTo(new[] { "5" }));
        Assert.That(response.Headers.GetValues("grpc-message"), Is.EqualTo(new[] { "no" }));
        Assert.That(await response.Content.ReadAsByteArrayAsync(cancellationToken), Is.Empty);
    }

    [TestCase("/test.Echo/Nothing", "unknown method Nothing for service test.Echo")]
    [TestCase("/test.Other/Echo", "unknown service test.Other")]
    public async Task Unknown_paths_are_unimplemented(string path, string text)
    {
        await using var loop = await Loopback.StartAsync(server => server.MapUnary(Loopback.Echo, (request, _) => Task.FromResult(request)));
        var slash = path.LastIndexOf('/');
        var method = new Method<StringValue, StringValue>(path[1..slash], path[(slash + 1)..], MethodKind.Unary, StringValue.Parser, StringValue.Parser);
        var failure = await Assert.ThrowsAsync<RpcException>(() => loop.Channel.UnaryAsync(method, new StringValue(), default, default));
        Assert.That(failure!.Status, Is.EqualTo(new GrpcStatus(StatusCode.Unimplemented, text)));
    }

    [Test]
    public async Task A_handlers_fault_is_unknown_and_told_to_the_owner(CancellationToken cancellationToken)
    {
        var faults = new List<Exception>();
        using var server = new GrpcServer { Fault = (_, fault) => faults.Add(fault) };
        await using var loop = await Loopback.StartAsync(
            server => server.MapUnary<StringValue, StringValue>(Loopback.Echo, (_, _) => throw new InvalidOperationException("secret detail")), server);
        var failure = await Assert.ThrowsAsync<RpcException>(() => loop.Channel.UnaryAsync(Loopback.Echo, new StringValue(), default, cancellationToken));
        Assert.That(failure!.Code, Is.EqualTo(StatusCode.Unknown));
        Assert.That(failure!.Message, Does.Not.Contain("secret"));
        Assert.That(faults.Single(), Is.TypeOf<InvalidOperationException>());
    }

    [Test]
    public async Task The_authoriser_is_asked_first(CancellationToken cancellationToken)
    {
        using var server = new GrpcServer
        {
            Authorize = call => call.Method.Roles.Count == 0 ? GrpcStatus.OK : new GrpcStatus(StatusCode.PermissionDenied, "Permission denied"),
        };
        await using var loop = await Loopback.StartAsync(
            server =>
            {
                server.MapUnary(Loopback.Echo with { Roles = ["admin"] }, (request, _) => Task.FromResult(request));
                server.MapUnary(Loopback.Bytes, (request, _) => Task.FromResult(request));
            },
            server);
        await loop.Channel.UnaryAsync(Loopback.Bytes, new BytesValue(), default, cancellationToken);
        var failure = await Assert.ThrowsAsync<RpcException>(() => loop.Channel.UnaryAsync(Loopback.Echo, new StringValue(), default, cancellationToken));
        Assert.That(failure!.Code, Is.EqualTo(StatusCode.PermissionDenied));
    }

    [Test]
    public async Task The_deadline_ends_the_call_on_both_sides(CancellationToken cancellationToken)
    {
        var cancelled = new TaskCompletionSource();
        await using var loop = await Loopback.StartAsync(server => server.MapUnary(Loopback.Echo, async (request, call) =>
        {
            Assert.That(call.Deadline, Is.Not.Null);
            await using var registration = call.CancellationToken.Register(() => cancelled.TrySetResult());
            await Task.Delay(Timeout.Infinite, call.CancellationToken);
            return request;
        }));
        var options = new CallOptions(TimeSpan.FromMilliseconds(100));
        var failure = await Assert.ThrowsAsync<RpcException>(() => loop.Channel.UnaryAsync(Loopback.Echo, new StringValue(), options, cancellationToken));
        Assert.That(failure!.Code, Is.EqualTo(StatusCode.DeadlineExceeded));
        await cancelled.Task.WaitAsync(cancellationToken);
    }

    [Test]
    public async Task The_server_keeps_a_deadline_that_the_client_only_announces(CancellationToken cancellationToken)
    {
        await using var loop = await Loopback.StartAsync(server => server.MapUnary(Loopback.Echo, async (request, call) =>
        {
            await Task.Delay(Timeout.Infinite, call.CancellationToken);
            return request;
        }));
        var options = new CallOptions(Metadata: [new("grpc-timeout", "50m")]);
        var failure = await Assert.ThrowsAsync<RpcException>(() => loop.Channel.UnaryAsync(Loopback.Echo, new StringValue(), options, cancellationToken));
        Assert.That(failure!.Code, Is.EqualTo(StatusCode.DeadlineExceeded));
    }

    [Test]
    public async Task Disposing_a_stream_cancels_the_handler(CancellationToken cancellationToken)
    {
        var cancelled = new TaskCompletionSource();
        await using var loop = await Loopback.StartAsync(server => server.MapServerStreaming(Loopback.Count, async (request, responses, call) =>
        {
            await responses.WriteAsync(request, call.CancellationToken);
            await using var registration = call.CancellationToken.Register(() => cancelled.TrySetResult());
            await Task.Delay(Timeout.Infinite, call.CancellationToken);
        }));
        await using (var counting = loop.Channel.ServerStreaming(Loopback.Count, new Int32Value(), default, cancellationToken))
        {
            await counting.ReadAsync(cancellationToken);
        }

        await cancelled.Task.WaitAsync(cancellationToken);
    }

    [Test]
    public async Task Cancelling_the_token_of_a_unary_call(CancellationToken cancellationToken)
    {
        var entered = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        await using var loop = await Loopback.StartAsync(server => server.MapUnary(Loopback.Echo, async (request, call) =>
        {
            await using var registration = call.CancellationToken.Register(() => cancelled.TrySetResult());
            entered.SetResult();
            await Task.Delay(Timeout.Infinite, call.CancellationToken);
            return request;
        }));
        using var source = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var call = loop.Channel.UnaryAsync(Loopback.Echo, new StringValue(), default, source.Token);
        await entered.Task.WaitAsync(cancellationToken);
        await source.CancelAsync();
        await Assert.ThrowsAsync(Is.InstanceOf<OperationCanceledException>(), () => call);
        await cancelled.Task.WaitAsync(cancellationToken);
    }

    [Test]
    public async Task Stopping_ends_streams_with_the_reason_and_lets_unary_calls_finish(CancellationToken cancellationToken)
    {
        var release = new TaskCompletionSource();
        var entered = new TaskCompletionSource();
        await using var loop = await Loopback.StartAsync(server =>
        {
            server.MapServerStreaming(Loopback.Count, (_, _, call) => Task.Delay(Timeout.Infinite, call.CancellationToken));
            server.MapUnary(Loopback.Echo, async (request, _) =>
            {
                entered.SetResult();
                await release.Task;
                return request;
            });
        });
        var unary = loop.Channel.UnaryAsync(Loopback.Echo, new StringValue { Value = "done" }, default, cancellationToken);
        await using var counting = loop.Channel.ServerStreaming(Loopback.Count, new Int32Value(), default, cancellationToken);
        await entered.Task.WaitAsync(cancellationToken);
        var reading = counting.ReadAsync(cancellationToken).AsTask();
        var reason = new GrpcStatus(StatusCode.Aborted, "node must disconnect");
        var stopping = loop.Listener.StopAsync(reason, cancellationToken);
        var failure = await Assert.ThrowsAsync<RpcException>(() => reading);
        Assert.That(failure!.Status, Is.EqualTo(reason));
        release.SetResult();
        Assert.That((await unary).Value, Is.EqualTo("done"));
        await stopping;
    }

    [Test]
    public async Task Writing_to_a_call_that_the_server_refused_fails_with_its_status(CancellationToken cancellationToken)
    {
        await using var loop = await Loopback.StartAsync(server => server.MapClientStreaming<Int32Value, Int32Value>(
            Loopback.Sum, (_, _) => throw new RpcException(StatusCode.InvalidArgument, "no subscription")));
        await using var summing = loop.Channel.ClientStreaming(Loopback.Sum, default, cancellationToken);
        var failure = await Assert.ThrowsAsync<RpcException>(() => WriteUntilItFailsAsync(summing, cancellationToken));
        Assert.That(failure!.Status, Is.EqualTo(new GrpcStatus(StatusCode.InvalidArgument, "no subscription")));
    }

    [Test]
    public async Task An_early_answer_ends_the_writing_and_is_kept(CancellationToken cancellationToken)
    {
        await using var loop = await Loopback.StartAsync(server =>
            server.MapClientStreaming(Loopback.Sum, (_, _) => Task.FromResult(new Int32Value { Value = 42 })));
        await using var summing = loop.Channel.ClientStreaming(Loopback.Sum, default, cancellationToken);
        var failure = await Assert.ThrowsAsync<RpcException>(() => WriteUntilItFailsAsync(summing, cancellationToken));
        Assert.That(failure!.Code, Is.EqualTo(StatusCode.Cancelled));
        Assert.That((await summing.ResponseAsync(cancellationToken)).Value, Is.EqualTo(42));
    }

    [Test]
    public async Task Nobody_there_is_unavailable_and_a_later_call_dials_again(CancellationToken cancellationToken)
    {
        int port;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        var endPoint = new IPEndPoint(IPAddress.Loopback, port);
        using var channel = Loopback.ChannelTo(endPoint);
        var failure = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(Loopback.Echo, new StringValue(), default, cancellationToken));
        Assert.That(failure!.Code, Is.EqualTo(StatusCode.Unavailable));
        Assert.That(failure!.Message, Does.Contain("refused"));

        using var server = new GrpcServer();
        server.MapUnary(Loopback.Echo, (request, _) => Task.FromResult(request));
        await using var listener = await GrpcListener.StartAsync(endPoint, server, null, null, cancellationToken);
        Assert.That((await channel.UnaryAsync(Loopback.Echo, new StringValue { Value = "x" }, default, cancellationToken)).Value, Is.EqualTo("x"));
    }

    // Bytes that are no gRPC, or no message: the server answers with a status and goes on.
    [TestCase(new byte[] { 1, 0, 0, 0, 0 }, "12")]
    [TestCase(new byte[] { 0, 0xff, 0, 0, 0 }, "8")]
    [TestCase(new byte[] { 0, 0, 0 }, "13")]
    [TestCase(new byte[] { 0, 0, 0, 0, 9, 1 }, "13")]
    [TestCase(new byte[] { }, "13")]
    [TestCase(new byte[] { 0, 0, 0, 0, 2, 0x0a, 0x7f }, "13")]
    [TestCase(new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }, "13")]
    public async Task Bad_bodies_end_with_a_status(byte[] body, string status)
    {
        await using var loop = await Loopback.StartAsync(server => server.MapUnary(Loopback.Echo, (request, _) => Task.FromResult(request)));
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        using var request = RawRequest(loop, "/test.Echo/Echo", body);
        using var response = await http.SendAsync(request, default);
        Assert.That(response.Headers.GetValues("grpc-status"), Is.EqualTo(new[] { status }));
    }

    [Test]
    public async Task What_is_not_gRPC_is_refused_by_HTTP_status()
    {
        await using var loop = await Loopback.StartAsync(server => server.MapUnary(Loopback.Echo, (request, _) => Task.FromResult(request)));
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        using var get = RawRequest(loop, "/test.Echo/Echo", []);
        get.Method = HttpMethod.Get;
        get.Content = null;
        using var text = RawRequest(loop, "/test.Echo/Echo", []);
        text.Content!.Headers.ContentType = new MediaTypeHeaderValue("text/plain");
        using var first = await http.SendAsync(get, default);
        using var second = await http.SendAsync(text, default);
        Assert.That(first.StatusCode, Is.EqualTo(HttpStatusCode.MethodNotAllowed));
        Assert.That(second.StatusCode, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
    }

    private static async Task WriteUntilItFailsAsync(GrpcCall<Int32Value, Int32Value> call, CancellationToken cancellationToken)
    {
        while (true)
        {
            await call.WriteAsync(new Int32Value { Value = 1 }, cancellationToken);
            await Task.Yield();
        }
    }

    private static HttpRequestMessage RawRequest(Loopback loop, string path, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        return new HttpRequestMessage(HttpMethod.Post, $"http://{loop.Listener.LocalEndPoint}{path}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
    }
}
