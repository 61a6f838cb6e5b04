using System.Globalization;
using System.Text.Json;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Specs;

namespace SwarmNet.Cli.Commands.Progress;

/// <summary>Waits until a service is what its spec says, showing how it gets there, then watches that it stays so.</summary>
internal static class ServiceProgress
{
    /// <summary>Above this many tasks there are no lines of single tasks.</summary>
    public const int MaxBars = 20;

    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_defaultMonitor = TimeSpan.FromSeconds(5);

    public static void Overall(ProgressDisplay display, long running, long wanted, bool rollback) =>
        display.Show("overall progress", $"{(rollback ? "rolling back update: " : "")}{running} out of {wanted} tasks");

    public static int Wait(CliContext context, string service, bool quiet)
    {
        var display = new ProgressDisplay(context, quiet);
        using var interrupt = new CancellationTokenSource();
        using var registration = context.CatchInterrupt(interrupt);
        return new Loop(context, display, service).Run(interrupt.Token);
    }

    private sealed class Loop
    {
        private readonly CliContext _context;
        private readonly ProgressDisplay _display;
        private readonly string _service;
        private IProgressUpdater? _updater;
        private TimeSpan _monitor = s_defaultMonitor;
        private long _convergedAt;
        private bool _converged;
        private bool _rollback;
        private string? _lastWords;

        public Loop(CliContext context, ProgressDisplay display, string service)
        {
            _context = context;
            _display = display;
            _service = service;
        }

        public int Run(CancellationToken interrupted)
        {
            while (!Step())
            {
                _display.Flush();
                if (!interrupted.WaitHandle.WaitOne(s_interval))
                {
                    continue;
                }

                if (!_converged)
                {
                    _display.Message("Operation continuing in background.");
                    _display.Message($"Use `{_context.ProgramName} service ps {_service}` to check progress.");
                }

                break;
            }

            _display.Flush();
            return 0;
        }

        private bool Step()
        {
            var client = _context.Client;
            var service = ServiceCommands.Get(client, _service);
            var monitor = service.Number("Spec", "UpdateConfig", "Monitor");
            _monitor = monitor != 0 ? TimeSpan.FromTicks(monitor / 100) : _monitor;
            _updater ??= Updater(service.At("Spec", "Mode"));
            if (ReadUpdateStatus(service.At("UpdateStatus")))
            {
                return true;
            }

            if (_converged && _context.Time.GetElapsedTime(_convergedAt) >= _monitor)
            {
                _display.Show("verify", $"Service {_service} converged");
                if (_lastWords is not null)
                {
                    _display.Message($"rollback: {_lastWords}");
                }

                return true;
            }

            var filters = new Filters().Add("service", service.Text("ID")).Add("_up-to-date", "true");
            var tasks = client.Get(filters.AppendTo("/tasks")).Items().ToList();
            var nodes = client.Get("/nodes").Items().Where(node => node.Text("Status", "State") != "down").Select(node => node.Text("ID")).ToHashSet();
            var wasConverged = _converged;
            _converged = _updater.Update(service, tasks, nodes, _rollback);
            return Verify(service.At("Spec", "Mode"), wasConverged);
        }

        /// <summary>True when there is nothing more to wait for.</summary>
        private bool Verify(Json mode, bool wasConverged)
        {
            if (!_converged)
            {
                if (wasConverged)
                {
                    _display.Show("verify", "Detected task failure");
                }

                return false;
            }

            if (mode.At("ReplicatedJob").Exists || mode.At("GlobalJob").Exists)
            {
                _display.Message("job complete");
                return true;
            }

            if (!wasConverged)
            {
                _convergedAt = _context.Time.GetTimestamp();
            }

            var left = _monitor - _context.Time.GetElapsedTime(_convergedAt);
            if (left >= TimeSpan.Zero)
            {
                var seconds = Math.Max(1, (long)Math.Ceiling(left.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
                _display.Show("verify", $"Waiting {seconds} seconds to verify that tasks are stable...");
            }

            return false;
        }

        private bool ReadUpdateStatus(Json status)
        {
            var message = status.Text("Message");
            switch (status.Text("State"))
            {
                case "updating":
                    _rollback = false;
                    return false;
                case "completed":
                    return !_converged;
                case "paused":
                    throw new CliException($"service update paused: {message}");
                case "rollback_started":
                    if (!_rollback && message.Length > 0)
                    {
                        _display.Show("rollback", message);
                    }

                    _rollback = true;
                    return false;
                case "rollback_paused":
                    throw new CliException($"service rollback paused: {message}");
                case "rollback_completed":
                    _lastWords = _converged ? _lastWords : message;
                    _rollback = true;
                    return false;
                default:
                    return false;
            }
        }

        private IProgressUpdater Updater(Json mode) =>
            mode.At("Replicated").Exists ? new ReplicatedProgress(_display)
            : mode.At("Global").Exists ? new GlobalProgress(_display)
            : mode.At("ReplicatedJob").Exists ? new JobProgress(_display, global: false)
            : mode.At("GlobalJob").Exists ? new JobProgress(_display, global: true)
            : throw new CliException("unrecognized service mode");
    }
}
