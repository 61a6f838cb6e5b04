namespace SwarmNet.Manager.Dispatcher;

/// <summary>A clock that stands still until told. Its timestamps tick at an odd frequency, so that whoever takes them for ticks is found out.</summary>
public sealed class ManualTime : TimeProvider
{
    private static readonly DateTimeOffset s_start = DateTimeOffset.UtcNow;
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(250);
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private TimeSpan _now = TimeSpan.FromHours(1);

    public override long TimestampFrequency => 3_579_545;

    public override long GetTimestamp()
    {
        lock (_lock)
        {
            return (long)(_now.TotalSeconds * TimestampFrequency);
        }
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return s_start + _now - TimeSpan.FromHours(1);
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Moves on and fires what became due, in order.</summary>
    public void Advance(TimeSpan by)
    {
        var target = Locked(() => _now + by);
        while (Locked(() => TakeDue(target)) is { } due)
        {
            due.Fire();
        }

        Locked(() => _now = target);
    }

    /// <summary>Moves on in small steps until the condition holds; at most for <paramref name="limit"/> of its own time.</summary>
    public async Task AdvanceUntilAsync(Func<bool> condition, TimeSpan limit, CancellationToken cancellationToken)
    {
        for (var passed = TimeSpan.Zero; !condition(); passed += s_step)
        {
            Assert.That(passed, Is.LessThanOrEqualTo(limit), "the condition did not come about in time");
            Advance(s_step);

            // Lets the loops that woke up run to their next wait.
            await Task.Delay(1, cancellationToken);
        }
    }

    private ManualTimer? TakeDue(TimeSpan target)
    {
        var due = _timers.Where(timer => timer.Due <= target).MinBy(timer => timer.Due);
        if (due is not null)
        {
            _now = due.Due > _now ? due.Due : _now;
            _timers.Remove(due);
        }

        return due;
    }

    private T Locked<T>(Func<T> action)
    {
        lock (_lock)
        {
            return action();
        }
    }

    private sealed class ManualTimer(ManualTime owner, Action callback) : ITimer
    {
        private TimeSpan _period;

        public TimeSpan Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period) => owner.Locked(() =>
        {
            owner._timers.Remove(this);
            _period = period;
            if (dueTime != Timeout.InfiniteTimeSpan)
            {
                Due = owner._now + dueTime;
                owner._timers.Add(this);
            }

            return true;
        });

        public void Fire()
        {
            if (_period > TimeSpan.Zero)
            {
                Change(_period, _period);
            }

            callback();
        }

        public void Dispose() => owner.Locked(() => owner._timers.Remove(this));

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
