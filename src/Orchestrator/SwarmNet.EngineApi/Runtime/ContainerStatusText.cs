using System.Globalization;

namespace SwarmNet.EngineApi.Runtime;

/// <summary>The STATUS column of <c>docker ps</c>.</summary>
internal static class ContainerStatusText
{
    public static string Of(ContainerInfo container, DateTimeOffset now) => container.State switch
    {
        ContainerState.Running => $"Up {Human(now - (container.StartedAt ?? container.Created))}{Health(container.Health)}",
        ContainerState.Exited => string.Create(
            CultureInfo.InvariantCulture,
            $"Exited ({container.ExitCode}) {Human(now - (container.FinishedAt ?? container.Created))} ago"),
        _ => "Created",
    };

    /// <summary>Go-units' <c>HumanDuration</c>.</summary>
    public static string Human(TimeSpan duration)
    {
        var seconds = (long)duration.TotalSeconds;
        var hours = (long)Math.Round(duration.TotalHours, MidpointRounding.AwayFromZero);
        return seconds switch
        {
            < 1 => "Less than a second",
            1 => "1 second",
            < 60 => $"{seconds} seconds",
            < 120 => "About a minute",
            < 3600 => $"{seconds / 60} minutes",
            _ => hours switch
            {
                1 => "About an hour",
                < 48 => $"{hours} hours",
                < 24 * 7 * 2 => $"{hours / 24} days",
                < 24 * 30 * 2 => $"{hours / 24 / 7} weeks",
                < 24 * 365 * 2 => $"{hours / 24 / 30} months",
                _ => $"{(long)(duration.TotalHours / 24 / 365)} years",
            },
        };
    }

    private static string Health(string health) => health switch
    {
        "" => "",
        "starting" => " (health: starting)",
        _ => $" ({health})",
    };
}
