namespace SwarmNet.Ca;

/// <summary>When a node renews its certificate: at a random moment between half and four fifths of its life, so that a swarm does not do it at once.</summary>
public static class RenewalSchedule
{
    private const double Earliest = 0.5;
    private const double Latest = 0.8;

    /// <summary>How long to wait from <paramref name="now"/>; zero when the moment has passed.</summary>
    public static TimeSpan Delay(DateTimeOffset notBefore, DateTimeOffset notAfter, DateTimeOffset now, Random random)
    {
        var life = notAfter - notBefore;
        var moment = notBefore + (life * (Earliest + ((Latest - Earliest) * random.NextDouble())));
        return moment > now ? moment - now : TimeSpan.Zero;
    }
}
