namespace SwarmNet.Overlay.Repairs;

/// <summary>
/// Runs a repair pass again and again: each period, a random part of <see cref="Jitter"/> earlier or later, so that the hosts of a cluster do not work in step. Repairs are
/// counted (<see cref="RepairMetrics"/>) and reported as events; a pass that fails is reported too, and the next one comes all the same.
/// </summary>
public sealed class Reconciler : IAsyncDisposable
{
    private readonly Func<CancellationToken, Task<IReadOnlyList<Repair>>> _pass;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    /// <summary>Creates it, stopped.</summary>
    /// <param name="pass">Compares and repairs everything once.</param>
    /// <param name="period">Time between two passes; above zero.</param>
    /// <param name="jitter">Largest deviation as a part of the period, 0 to 1; usual is 0.1.</param>
    /// <param name="time">Clock.</param>
    /// <param name="seed">Of the deviations.</param>
    public Reconciler(Func<CancellationToken, Task<IReadOnlyList<Repair>>> pass, TimeSpan period, double jitter, TimeProvider time, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfNegative(jitter);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(jitter, 1);
        (_pass, Period, Jitter, _time, _random) = (pass, period, jitter, time, new Random(seed));
    }

    /// <summary>Time between two passes.</summary>
    public TimeSpan Period { get; }

    /// <summary>Largest deviation from it, as a part of it.</summary>
    public double Jitter { get; }

    /// <summary>Raised for every repair, on the loop's thread: return quickly.</summary>
    public event Action<Repair>? Repaired;

    /// <summary>Raised when a pass fails.</summary>
    public event Action<Exception>? Failed;

    /// <summary>Starts the loop; the first pass comes after one period.</summary>
    public void Start() => _loop = Task.Run(RunAsync);

    /// <summary>Runs one pass now. Not beside another one, unless the pass allows that.</summary>
    public async Task<IReadOnlyList<Repair>> RunOnceAsync(CancellationToken cancellationToken = default)
    {
        IReadOnlyList<Repair> repairs = await _pass(cancellationToken).ConfigureAwait(false);
        RepairMetrics.Count(repairs);
        foreach (Repair repair in repairs)
        {
            Repaired?.Invoke(repair);
        }

        return repairs;
    }

    /// <summary>Ends the loop, after the pass that runs.</summary>
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
            while (true)
            {
                await Task.Delay(Period * (1 + (Jitter * ((2 * _random.NextDouble()) - 1))), _time, _stop.Token).ConfigureAwait(false);
                try
                {
                    await RunOnceAsync(_stop.Token).ConfigureAwait(false);
                }
                catch (Exception e) when (e is not OperationCanceledException)
                {
                    Failed?.Invoke(e);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }
}
