using System.Text.Json.Nodes;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Specs;

namespace SwarmNet.Cli.Commands;

/// <summary>Parts of a service's spec that create and update make from the same flags.</summary>
internal static class ServiceFlagValues
{
    private const long Second = 1_000_000_000;

    /// <summary>Variables of files and flags; a bare KEY takes its value from this program's environment.</summary>
    public static List<string> Environment(IEnumerable<string> files, IEnumerable<string> flags)
    {
        var result = new List<string>();
        foreach (var file in files)
        {
            if (!File.Exists(file))
            {
                throw new CliException($"open {file}: no such file or directory");
            }

            foreach (var line in File.ReadLines(file).Select(line => line.TrimStart()))
            {
                if (line.Length == 0 || line[0] == '#')
                {
                    continue;
                }

                var key = KeyValue.Cut(line, out var value);
                if (key.Length == 0 || key.AsSpan().IndexOfAny(" \t") >= 0)
                {
                    throw new CliException($"invalid env file ({file}): variable '{key}' contains whitespaces");
                }

                if (value is not null || System.Environment.GetEnvironmentVariable(key) is not null)
                {
                    result.Add(Filled(line));
                }
            }
        }

        result.AddRange(flags.Select(Filled));
        return result;
    }

    private static string Filled(string variable) =>
        variable.Contains('=', StringComparison.Ordinal) || System.Environment.GetEnvironmentVariable(variable) is not { } value ? variable : $"{variable}={value}";

    /// <summary>The policy with the flags that were given written in; null when none was.</summary>
    public static JsonObject? RestartPolicy(FlagSet flags, JsonObject? current)
    {
        if (!flags.ChangedAny("restart-condition", "restart-delay", "restart-max-attempts", "restart-window"))
        {
            return null;
        }

        var policy = current ?? new JsonObject { ["Condition"] = "any", ["Delay"] = 5 * Second };
        if (flags.Changed("restart-condition"))
        {
            policy["Condition"] = flags.Text("restart-condition");
        }

        SetDuration(flags, "restart-delay", policy, "Delay");
        if (flags.Changed("restart-max-attempts"))
        {
            policy["MaxAttempts"] = flags.UInt("restart-max-attempts");
        }

        SetDuration(flags, "restart-window", policy, "Window");
        return policy;
    }

    /// <summary>The update or rollback configuration; <paramref name="prefix"/> is <c>update</c> or <c>rollback</c>. Null when no flag was given.</summary>
    public static JsonObject? UpdateConfig(FlagSet flags, string prefix, JsonObject? current)
    {
        if (!flags.ChangedAny(
            $"{prefix}-parallelism", $"{prefix}-delay", $"{prefix}-monitor", $"{prefix}-failure-action", $"{prefix}-max-failure-ratio", $"{prefix}-order"))
        {
            return null;
        }

        var config = current ?? new JsonObject
        {
            ["Parallelism"] = 1,
            ["FailureAction"] = "pause",
            ["Monitor"] = 5 * Second,
            ["MaxFailureRatio"] = 0,
            ["Order"] = "stop-first",
        };
        if (flags.Changed($"{prefix}-parallelism"))
        {
            config["Parallelism"] = flags.UInt($"{prefix}-parallelism");
        }

        SetDuration(flags, $"{prefix}-delay", config, "Delay");
        SetDuration(flags, $"{prefix}-monitor", config, "Monitor");
        if (flags.Changed($"{prefix}-failure-action"))
        {
            config["FailureAction"] = flags.Text($"{prefix}-failure-action");
        }

        if (flags.Changed($"{prefix}-max-failure-ratio"))
        {
            config["MaxFailureRatio"] = flags.Float($"{prefix}-max-failure-ratio");
        }

        if (flags.Changed($"{prefix}-order"))
        {
            config["Order"] = flags.Text($"{prefix}-order");
        }

        return config;
    }

    public static JsonObject? Healthcheck(FlagSet flags, JsonObject? current)
    {
        var any = flags.ChangedAny("health-cmd", "health-interval", "health-timeout", "health-retries", "health-start-period", "health-start-interval");
        if (flags.IsSet("no-healthcheck"))
        {
            return any ? throw new CliException("--no-healthcheck conflicts with --health-* options") : new JsonObject { ["Test"] = new JsonArray("NONE") };
        }

        if (!any)
        {
            return null;
        }

        var check = current ?? [];
        if (current is not null && (string?)(check["Test"] as JsonArray)?.FirstOrDefault() == "NONE")
        {
            check.Remove("Test");
        }

        if (flags.Text("health-cmd").Length > 0)
        {
            check["Test"] = new JsonArray("CMD-SHELL", flags.Text("health-cmd"));
        }

        SetDuration(flags, "health-interval", check, "Interval");
        SetDuration(flags, "health-timeout", check, "Timeout");
        SetDuration(flags, "health-start-period", check, "StartPeriod");
        SetDuration(flags, "health-start-interval", check, "StartInterval");
        if (flags.Changed("health-retries"))
        {
            check["Retries"] = flags.Int("health-retries");
        }

        return check;
    }

    public static void SetResources(FlagSet flags, JsonObject limits, JsonObject reservations)
    {
        foreach (var (part, prefix) in new[] { (limits, "limit"), (reservations, "reserve") })
        {
            if (flags.Changed($"{prefix}-cpu"))
            {
                part["NanoCPUs"] = Quantity.NanoCpus(flags.Text($"{prefix}-cpu"));
            }

            if (flags.Changed($"{prefix}-memory"))
            {
                part["MemoryBytes"] = Quantity.Bytes(flags.Text($"{prefix}-memory"));
            }
        }

        if (flags.Changed("limit-pids"))
        {
            limits["Pids"] = flags.Int("limit-pids");
        }
    }

    public static IEnumerable<JsonNode> GenericResources(IEnumerable<string> pairs)
    {
        foreach (var pair in pairs)
        {
            var kind = KeyValue.Cut(pair, out var value);
            yield return long.TryParse(value, out var count)
                ? new JsonObject { ["DiscreteResourceSpec"] = new JsonObject { ["Kind"] = kind, ["Value"] = count } }
                : throw new CliException($"invalid generic-resource request `{pair}`, Named Generic Resources is not supported for service create or update");
        }
    }

    public static JsonNode Preference(string text)
    {
        KeyValue.Cut(text, out var descriptor);
        return new JsonObject { ["Spread"] = new JsonObject { ["SpreadDescriptor"] = descriptor } };
    }

    public static IEnumerable<JsonNode> Ulimits(IEnumerable<string> texts) => texts.Select(Quantity.Ulimit)
        .GroupBy(limit => limit.Name).Select(group => group.Last()).OrderBy(limit => limit.Name, StringComparer.Ordinal)
        .Select(limit => new JsonObject { ["Name"] = limit.Name, ["Hard"] = limit.Hard, ["Soft"] = limit.Soft });

    public static void SetPrivileges(JsonObject container, string credentialSpec)
    {
        if (credentialSpec.Length == 0)
        {
            return;
        }

        var separator = credentialSpec.IndexOf("://", StringComparison.Ordinal);
        var kind = credentialSpec[..separator] switch { "config" => "Config", "file" => "File", _ => "Registry" };
        container["Privileges"] = new JsonObject { ["CredentialSpec"] = new JsonObject { [kind] = credentialSpec[(separator + 3)..] } };
    }

    private static void SetDuration(FlagSet flags, string flag, JsonObject target, string name)
    {
        if (flags.Changed(flag))
        {
            target[name] = flags.Duration(flag);
        }
    }
}
