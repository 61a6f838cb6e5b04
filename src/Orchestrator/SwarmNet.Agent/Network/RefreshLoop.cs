using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace SwarmNet.Agent.Network;

/// <summary>Runs a refresh for each network that was asked for; requests that come while one is waiting are one.</summary>
internal sealed partial class RefreshLoop : IAsyncDisposable
{
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly HashSet<string> _requested = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private readonly Func<string, CancellationToken, Task> _refresh;
    private readonly TimeSpan _debounce;
    private readonly ILogger _logger;
    private readonly Task _loop;

    /// <param name="refresh">What to do for a network.</param>
    /// <param name="debounce">Requests in this time become one.</param>
    /// <param name="logger">Where failures go.</param>
    public RefreshLoop(Func<string, CancellationToken, Task> refresh, TimeSpan debounce, ILogger logger)
    {
        _debounce = debounce;
        _refresh = refresh;
        _logger = logger;
        _loop = Task.Run(RunAsync);
    }

    public void Request(string networkId)
    {
        lock (_requested)
        {
            _requested.Add(networkId);
        }

        _wake.Writer.TryWrite(true);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (await _wake.Reader.WaitToReadAsync(_stop.Token).ConfigureAwait(false))
            {
                await Task.Delay(_debounce, _stop.Token).ConfigureAwait(false);
                _wake.Reader.TryRead(out _);
                List<string> networks;
                lock (_requested)
                {
                    networks = [.. _requested];
                    _requested.Clear();
                }

                foreach (var network in networks)
                {
                    await RefreshAsync(network).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The node's network ends.
        }
    }

    private async Task RefreshAsync(string network)
    {
        try
        {
            await _refresh(network, _stop.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogFailed(network, e);
        }
    }

    [LoggerMessage(3010, LogLevel.Error, "Network {NetworkId} cannot be brought up to date")]
    private partial void LogFailed(string networkId, Exception error);
}
