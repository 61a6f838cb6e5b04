using System.IO.Pipelines;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;

namespace SwarmNet.EngineApi.Http;

/// <summary>
/// A connection taken from HTTP: after the answer's head it carries bytes both ways, as <c>docker exec</c> needs.
/// Kestrel upgrades only requests without a body and Docker's have one, so the transport is used directly; Kestrel does not
/// touch it while the handler runs.
/// </summary>
internal sealed class HijackedConnection
{
    // A client that does not read any more holds the drain up for ever.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ApiRequest request;

    private HijackedConnection(ApiRequest request, IDuplexPipe transport)
    {
        this.request = request;
        Input = transport.Input;
        Output = transport.Output;
    }

    /// <summary>What the client sends; completes when it has closed its half.</summary>
    public PipeReader Input { get; }

    /// <summary>What the client receives.</summary>
    public PipeWriter Output { get; }

    /// <summary>Takes the connection. The request's body must have been read to its end.</summary>
    public static async Task<HijackedConnection> TakeAsync(ApiRequest request)
    {
        var transport = request.Http.Features.Get<IConnectionTransportFeature>()?.Transport
            ?? throw new ApiException(500, "this connection cannot be hijacked");
        request.Http.Features.Get<HalfClose>()?.Allow();
        var isUpgrade = request.Http.Request.Headers.Upgrade.Count > 0;
        var head = isUpgrade
            ? "HTTP/1.1 101 UPGRADED\r\nContent-Type: application/vnd.docker.raw-stream\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
            : "HTTP/1.1 200 OK\r\nContent-Type: application/vnd.docker.raw-stream\r\n\r\n";
        var connection = new HijackedConnection(request, transport);
        await connection.Output.WriteAsync(Encoding.ASCII.GetBytes(head), request.Aborted);
        return connection;
    }

    /// <summary>Sends what is pending and closes; the handler must return right after.</summary>
    public async Task CloseAsync()
    {
        // The transport lets go of the pipe once it has drained it and shut the socket down; aborting before would lose the tail.
        var drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        // Deprecated because other writers than the Pipe of the transport need not call back.
#pragma warning disable CS0618
        Output.OnReaderCompleted(static (_, done) => ((TaskCompletionSource)done!).TrySetResult(), drained);
#pragma warning restore CS0618
        await Output.CompleteAsync();
        await Task.WhenAny(drained.Task, Task.Delay(Patience));

        // Kestrel must not put an answer of its own behind.
        request.Http.Abort();
    }
}
