using System.Text.Json.Nodes;
using SwarmNet.Cli.CommandLine;

namespace SwarmNet.Cli.Specs;

/// <summary>The cluster's settings from the flags of <c>swarm init</c>, <c>swarm update</c> and <c>swarm ca</c>.</summary>
internal static class SwarmSpec
{
    /// <summary>What init sends: only what was asked for, zero elsewhere.</summary>
    public static JsonObject New(FlagSet flags)
    {
        var spec = new JsonObject
        {
            ["Labels"] = null,
            ["Orchestration"] = new JsonObject(),
            ["Raft"] = new JsonObject { ["ElectionTick"] = 0, ["HeartbeatTick"] = 0 },
            ["Dispatcher"] = new JsonObject(),
            ["CAConfig"] = new JsonObject(),
            ["TaskDefaults"] = new JsonObject(),
            ["EncryptionConfig"] = new JsonObject { ["AutoLockManagers"] = false },
        };
        Merge(spec, flags);
        return spec;
    }

    /// <summary>Writes the flags that were given into a spec.</summary>
    public static void Merge(JsonObject spec, FlagSet flags)
    {
        if (flags.Changed("task-history-limit"))
        {
            spec.Child("Orchestration")["TaskHistoryRetentionLimit"] = flags.Int("task-history-limit");
        }

        if (flags.Changed("dispatcher-heartbeat"))
        {
            spec.Child("Dispatcher")["HeartbeatPeriod"] = flags.Duration("dispatcher-heartbeat");
        }

        MergeCa(spec, flags);
        if (flags.Changed("snapshot-interval"))
        {
            spec.Child("Raft")["SnapshotInterval"] = flags.UInt("snapshot-interval");
        }

        if (flags.Changed("max-snapshots"))
        {
            spec.Child("Raft")["KeepOldSnapshots"] = flags.UInt("max-snapshots");
        }

        if (flags.Changed("autolock"))
        {
            spec.Child("EncryptionConfig")["AutoLockManagers"] = flags.IsSet("autolock");
        }
    }

    public static void MergeCa(JsonObject spec, FlagSet flags)
    {
        if (flags.Changed("cert-expiry"))
        {
            spec.Child("CAConfig")["NodeCertExpiry"] = flags.Duration("cert-expiry");
        }

        if (flags.Changed("external-ca"))
        {
            spec.Child("CAConfig")["ExternalCAs"] = new JsonArray([.. flags.List("external-ca").Select(ExternalCa)]);
        }
    }

    /// <summary><c>protocol=cfssl,url=https://...,cacert=FILE</c>; other keys are options.</summary>
    public static JsonNode ExternalCa(string text)
    {
        var result = new JsonObject { ["Options"] = new JsonObject() };
        foreach (var field in Csv.Fields(text))
        {
            var key = KeyValue.Cut(field, out var value);
            if (value is null)
            {
                throw new FormatException($"invalid field '{field}' must be a key=value pair");
            }

            switch (key.ToLowerInvariant())
            {
                case "protocol" when value.Equals("cfssl", StringComparison.OrdinalIgnoreCase):
                    result["Protocol"] = "cfssl";
                    break;
                case "protocol":
                    throw new FormatException($"unrecognized external CA protocol {value}");
                case "url":
                    result["URL"] = value;
                    break;
                case "cacert":
                    result["CACert"] = File.Exists(value)
                        ? File.ReadAllText(value)
                        : throw new FormatException($"unable to read CA cert for external CA: open {value}: no such file or directory");
                    break;
                default:
                    result["Options"]![key] = value;
                    break;
            }
        }

        if (!result.ContainsKey("Protocol"))
        {
            throw new FormatException("the external-ca option needs a protocol= parameter");
        }

        return result.ContainsKey("URL") ? result : throw new FormatException("the external-ca option needs a url= parameter");
    }
}
