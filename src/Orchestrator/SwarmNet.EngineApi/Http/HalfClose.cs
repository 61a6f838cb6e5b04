using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SwarmNet.EngineApi.Http;

/// <summary>
/// Lets a hijacked connection outlive the client's half of it. Kestrel takes a closed half for a client that is gone and
/// aborts; Docker's clients close theirs as soon as they have no more input, and go on reading.
/// </summary>
internal sealed class HalfClose
{
    private readonly CancellationTokenSource closed = new();
    private volatile bool isAllowed;

    private HalfClose(CancellationToken transportClosed) => transportClosed.Register(() =>
    {
        if (!isAllowed)
        {
            closed.Cancel();
        }
    });

    /// <summary>Puts one between the transport and HTTP on every connection.</summary>
    public static void Use(ListenOptions listen) => listen.Use(next => connection =>
    {
        var gate = new HalfClose(connection.ConnectionClosed);
        connection.ConnectionClosed = gate.closed.Token;
        connection.Features.Set(gate);
        return next(connection);
    });

    /// <summary>From now on the client may close its half.</summary>
    public void Allow() => isAllowed = true;
}
