using System.Globalization;
using SwarmNet.Agent.Tasks;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Executor;

/// <summary>What of a container's output is kept.</summary>
/// <param name="IsKept">False with the driver <c>none</c>.</param>
/// <param name="FileBytes">A file that has reached this is followed by the next.</param>
/// <param name="Files">Files kept.</param>
internal sealed record ContainerLogLimits(bool IsKept, long FileBytes, int Files)
{
    /// <summary>Reads the task's log driver and its options; the service's own before the cluster's default.</summary>
    /// <exception cref="TaskException">Another driver, or an option with a value that cannot be read.</exception>
    public static ContainerLogLimits Of(SwarmTask task, OciExecutorOptions options)
    {
        var driver = task.LogDriver ?? task.Spec.LogDriver ?? new Driver();
        return driver.Name switch
        {
            "none" => new ContainerLogLimits(false, options.LogFileBytes, 1),
            "" or "json-file" or "local" => new ContainerLogLimits(
                true,
                driver.Options.TryGetValue("max-size", out var size) && size != "-1" ? Bytes(size) : options.LogFileBytes,
                driver.Options.TryGetValue("max-file", out var files) ? Count(files) : options.LogFiles),
            var other => throw new TaskException($"logger: no log driver named '{other}' is registered; this node has json-file, local and none"),
        };
    }

    private static long Bytes(string text)
    {
        var digits = text.TrimEnd('b', 'B', 'k', 'K', 'm', 'M', 'g', 'G', 'i');
        var unit = text[digits.Length..].ToLowerInvariant() switch
        {
            "" or "b" => 1L,
            "k" or "kb" or "kib" => 1L << 10,
            "m" or "mb" or "mib" => 1L << 20,
            "g" or "gb" or "gib" => 1L << 30,
            _ => 0,
        };
        return unit > 0 && double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value * unit >= 1
            ? (long)(value * unit) : throw new TaskException($"invalid size: '{text}'");
    }

    private static int Count(string text) =>
        int.TryParse(text, CultureInfo.InvariantCulture, out var count) && count >= 1 ? count : throw new TaskException("max-file cannot be less than 1");
}
