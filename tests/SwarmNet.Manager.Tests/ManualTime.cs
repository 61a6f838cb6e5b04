namespace SwarmNet.Manager.Tests;

/// <summary>A clock that stands still until a test moves it.</summary>
internal sealed class ManualTime : TimeProvider
{
    private DateTimeOffset _now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public DateTimeOffset Now
    {
        get => _now;
        set => _now = value >= _now ? value : throw new InvalidOperationException("Time does not go back.");
    }

    public override DateTimeOffset GetUtcNow() => _now;
}
