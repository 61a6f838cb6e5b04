using Google.Protobuf.WellKnownTypes;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Executor;

/// <summary>A health check's settings with Docker's defaults, from the service or else the image.</summary>
/// <param name="Command">Arguments of the check.</param>
/// <param name="Interval">Between the end of a check and the next.</param>
/// <param name="Timeout">After which a check has failed.</param>
/// <param name="StartPeriod">During which failures do not count.</param>
/// <param name="StartInterval">Interval in the start period.</param>
/// <param name="Retries">Failures in a row that make it unhealthy.</param>
internal sealed record HealthSettings(
    IReadOnlyList<string> Command, TimeSpan Interval, TimeSpan Timeout, TimeSpan StartPeriod, TimeSpan StartInterval, int Retries)
{
    /// <summary>The settings; null without a check.</summary>
    public static HealthSettings? Of(HealthConfig? service, Images.ImageHealthcheck? image)
    {
        var test = service?.Test is { Count: > 0 } own ? own : image?.Test ?? (IReadOnlyList<string>)[];
        string[]? command = test switch
        {
            ["CMD", _, ..] => [.. test.Skip(1)],
            ["CMD-SHELL", var line, ..] => ["/bin/sh", "-c", line],
            _ => null,
        };
        return command is null ? null : new HealthSettings(
            command,
            Pick(service?.Interval, image?.Interval, 30),
            Pick(service?.Timeout, image?.Timeout, 30),
            Pick(service?.StartPeriod, image?.StartPeriod, 0),
            Pick(service?.StartInterval, image?.StartInterval, 5),
            service?.Retries > 0 ? service.Retries : image?.Retries > 0 ? image.Retries : 3);
    }

    private static TimeSpan Pick(Duration? service, long? imageNanoseconds, int defaultSeconds)
    {
        var own = service?.ToTimeSpan() ?? TimeSpan.Zero;
        return own > TimeSpan.Zero ? own
            : imageNanoseconds > 0 ? TimeSpan.FromTicks(imageNanoseconds.Value / 100) : TimeSpan.FromSeconds(defaultSeconds);
    }
}

/// <summary>Runs the health check of one running container until it is told to stop.</summary>
internal sealed class HealthMonitor : IDisposable
{
    private readonly HealthSettings _settings;
    private readonly Func<IReadOnlyList<string>, CancellationToken, Task<int>> _probe;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _healthy = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _unhealthy = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopSource = new();
    private readonly CancellationToken _stopping;
    private int _isDisposed;

    /// <param name="settings">What to run, and how often.</param>
    /// <param name="probe">Runs a command in the container; its exit code.</param>
    /// <param name="time">Clock.</param>
    public HealthMonitor(HealthSettings settings, Func<IReadOnlyList<string>, CancellationToken, Task<int>> probe, TimeProvider time)
    {
        (_settings, _probe, _time) = (settings, probe, time);
        _stopping = _stopSource.Token;
        Completion = Task.Run(RunAsync);
    }

    /// <summary>The first success.</summary>
    public Task Healthy => _healthy.Task;

    /// <summary>Too many failures in a row.</summary>
    public Task Unhealthy => _unhealthy.Task;

    /// <summary>The loop; never faults.</summary>
    public Task Completion { get; }

    /// <summary>Docker's word for how it stands.</summary>
    public string Status => _unhealthy.Task.IsCompleted ? "unhealthy" : _healthy.Task.IsCompleted ? "healthy" : "starting";

    /// <summary>Ends the loop; <see cref="Completion"/> tells when it has ended.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
        {
            _stopSource.Cancel();
            _stopSource.Dispose();
        }
    }

    private async Task RunAsync()
    {
        var start = _time.GetTimestamp();
        var failures = 0;
        try
        {
            while (!_unhealthy.Task.IsCompleted)
            {
                var isStarting = !Healthy.IsCompleted && _time.GetElapsedTime(start) < _settings.StartPeriod;
                var interval = isStarting && _settings.StartInterval < _settings.Interval ? _settings.StartInterval : _settings.Interval;
                await Task.Delay(interval, _time, _stopping);
                if (await SucceedsAsync())
                {
                    failures = 0;
                    _healthy.TrySetResult();
                }
                else if (Healthy.IsCompleted || _time.GetElapsedTime(start) >= _settings.StartPeriod)
                {
                    if (++failures >= _settings.Retries)
                    {
                        _unhealthy.TrySetResult();
                    }
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped with the container.
        }
    }

    private async Task<bool> SucceedsAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stopping);
        using var timeout = new CancellationTokenSource(_settings.Timeout, _time);
        using var registration = timeout.Token.Register(limit.Cancel);
        try
        {
            return await _probe(_settings.Command, limit.Token) == 0;
        }
        catch (OperationCanceledException) when (!_stopping.IsCancellationRequested)
        {
            return false;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
