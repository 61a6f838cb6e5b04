namespace SwarmNet.Agent.Session;

/// <summary>How long a node waits between sessions: a random part of a limit that grows from 100 ms to 8 s. Pure.</summary>
internal sealed class SessionBackoff(Random random)
{
    private static readonly TimeSpan s_initial = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_max = TimeSpan.FromSeconds(8);

    /// <summary>The present limit.</summary>
    public TimeSpan Limit { get; private set; }

    /// <summary>A session was had: begin anew.</summary>
    public void Reset() => Limit = TimeSpan.Zero;

    /// <summary>The pause before the next attempt.</summary>
    public TimeSpan Next()
    {
        var next = s_initial + (2 * Limit);
        Limit = next < s_max ? next : s_max;
        lock (random)
        {
            return Limit * random.NextDouble();
        }
    }
}
