using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SwarmNet.EngineApi.Http;

/// <summary>
/// Lets a hijacked connection outlive the client's half of it. Kestrel takes a closed half for a client that is gone and
/// aborts; Docker's clients close theirs as soon as they have no more input, and go on reading.
/// </summary>
internal sealed class HalfClose : IDisposable
{
    private readonly CancellationTokenSource closed = new();
    private readonly CancellationTokenRegistration registration;
    private volatile bool isAllowed;

    private HalfClose(CancellationToken transportClosed) => registration = transportClosed.Register(() =>
    {
        if (!isAllowed)
        {
            closed.Cancel();
        }
    });

    /// <summary>Puts one between the transport and HTTP on every connection.</summary>
    public static void Use(ListenOptions listen) => listen.Use(next => async connection =>
    {
        using var gate = new HalfClose(connection.ConnectionClosed);
        connection.ConnectionClosed = gate.closed.Token;
        connection.Features.Set(gate);
        await next(connection);
    });

    /// <summary>From now on the client may close its half.</summary>
    public void Allow() => isAllowed = true;

    public void Dispose()
    {
        // First the registration: it waits for a callback that is running, which needs the source.
        registration.Dispose();
        closed.Dispose();
    }
}
