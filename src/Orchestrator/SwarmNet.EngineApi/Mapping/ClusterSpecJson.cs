using System.Text.Json;
using Google.Protobuf;
using SwarmNet.EngineApi.Json;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Mapping;

/// <summary>The swarm's specification, both ways.</summary>
internal static class ClusterSpecJson
{
    public static void Write(Utf8JsonWriter json, string name, ClusterSpec spec)
    {
        json.WriteStartObject(name);
        CommonJson.Annotations(json, spec.Annotations);
        json.WriteStartObject("Orchestration");
        json.WriteNumber("TaskHistoryRetentionLimit", spec.Orchestration?.TaskHistoryRetentionLimit ?? 0);
        json.WriteEndObject();
        json.WriteStartObject("Raft");
        json.NumberIfAny("SnapshotInterval", spec.Raft?.SnapshotInterval ?? 0);
        json.WriteNumber("KeepOldSnapshots", spec.Raft?.KeepOldSnapshots ?? 0);
        json.NumberIfAny("LogEntriesForSlowFollowers", spec.Raft?.LogEntriesForSlowFollowers ?? 0);
        json.WriteNumber("ElectionTick", spec.Raft?.ElectionTick ?? 0);
        json.WriteNumber("HeartbeatTick", spec.Raft?.HeartbeatTick ?? 0);
        json.WriteEndObject();
        json.WriteStartObject("Dispatcher");
        json.NumberIfAny("HeartbeatPeriod", GoTime.Nanoseconds(spec.Dispatcher?.HeartbeatPeriod));
        json.WriteEndObject();
        json.WriteStartObject("CAConfig");
        json.NumberIfAny("NodeCertExpiry", GoTime.Nanoseconds(spec.CaConfig?.NodeCertExpiry));
        json.ListIfAny("ExternalCAs", spec.CaConfig?.ExternalCas ?? [], static (json, ca) =>
        {
            json.WriteStartObject();
            json.WriteString("Protocol", "cfssl");
            json.WriteString("URL", ca.Url);
            json.MapIfAny("Options", ca.Options);
            json.WriteString("CACert", ca.CaCert.ToStringUtf8());
            json.WriteEndObject();
        });
        json.NumberIfAny("ForceRotate", spec.CaConfig?.ForceRotate ?? 0);
        json.WriteEndObject();
        json.WriteStartObject("TaskDefaults");
        CommonJson.DriverIfAny(json, "LogDriver", spec.TaskDefaults?.LogDriver);
        json.WriteEndObject();
        json.WriteStartObject("EncryptionConfig");
        json.WriteBoolean("AutoLockManagers", spec.EncryptionConfig?.AutoLockManagers ?? false);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>The specification of a new swarm when the client says nothing.</summary>
    public static ClusterSpec Defaults() => new()
    {
        Annotations = new Annotations { Name = "default" },
        Orchestration = new OrchestrationConfig { TaskHistoryRetentionLimit = 5 },
        Raft = new RaftConfig { SnapshotInterval = 10000, LogEntriesForSlowFollowers = 500, HeartbeatTick = 1, ElectionTick = 10 },
        Dispatcher = new DispatcherConfig { HeartbeatPeriod = GoTime.Duration(5_000_000_000) },
        CaConfig = new CAConfig { NodeCertExpiry = GoTime.Duration(2160L * 3600 * 1_000_000_000) },
        TaskDefaults = new TaskDefaults(),
        EncryptionConfig = new EncryptionConfig(),
    };

    /// <summary>
    /// Reads a specification over <paramref name="basis"/>: fields that are zero in the body keep the basis
    /// (moby <c>MergeSwarmSpecToGRPC</c>). An update's basis is empty, so that zero values are stored as given.
    /// </summary>
    public static ClusterSpec Read(GoObject? body, ClusterSpec basis)
    {
        var spec = basis.Clone();
        spec.Annotations ??= new Annotations();
        spec.Orchestration ??= new OrchestrationConfig();
        spec.Raft ??= new RaftConfig();
        spec.Dispatcher ??= new DispatcherConfig();
        spec.CaConfig ??= new CAConfig();
        spec.TaskDefaults ??= new TaskDefaults();
        spec.EncryptionConfig ??= new EncryptionConfig();
        if (body is not { } sent)
        {
            return spec;
        }

        if (sent.String("Name") is { Length: > 0 } name)
        {
            spec.Annotations.Name = name;
        }

        if (sent.Map("Labels") is { Count: > 0 } labels)
        {
            spec.Annotations.Labels.Clear();
            spec.Annotations.Labels.Add(labels);
        }

        if (sent.Object("Orchestration", "OrchestrationConfig")?.OptionalInt64("TaskHistoryRetentionLimit") is { } limit)
        {
            spec.Orchestration.TaskHistoryRetentionLimit = limit;
        }

        ReadRaft(sent.Object("Raft", "RaftConfig"), spec.Raft);
        if (sent.Object("Dispatcher", "DispatcherConfig")?.Int64("HeartbeatPeriod", "time.Duration") is not (null or 0) and { } period)
        {
            spec.Dispatcher.HeartbeatPeriod = GoTime.Duration(period);
        }

        ReadCa(sent.Object("CAConfig", "CAConfig"), spec.CaConfig);
        if (sent.Object("TaskDefaults", "TaskDefaults") is { } defaults && CommonJson.ReadDriver(defaults, "LogDriver") is { } driver)
        {
            spec.TaskDefaults.LogDriver = driver;
        }

        spec.EncryptionConfig.AutoLockManagers = sent.Object("EncryptionConfig", "EncryptionConfig")?.Bool("AutoLockManagers") ?? false;
        return spec;
    }

    private static void ReadRaft(GoObject? body, RaftConfig raft)
    {
        if (body is not { } sent)
        {
            return;
        }

        raft.SnapshotInterval = NonZero(sent.UInt64("SnapshotInterval"), raft.SnapshotInterval);
        raft.KeepOldSnapshots = sent.OptionalUInt64("KeepOldSnapshots") ?? raft.KeepOldSnapshots;
        raft.LogEntriesForSlowFollowers = NonZero(sent.UInt64("LogEntriesForSlowFollowers"), raft.LogEntriesForSlowFollowers);
        raft.HeartbeatTick = (uint)NonZero(sent.UInt32("HeartbeatTick"), raft.HeartbeatTick);
        raft.ElectionTick = (uint)NonZero(sent.UInt32("ElectionTick"), raft.ElectionTick);
    }

    private static void ReadCa(GoObject? body, CAConfig config)
    {
        if (body is not { } sent)
        {
            return;
        }

        if (sent.Int64("NodeCertExpiry", "time.Duration") is not 0 and var expiry)
        {
            config.NodeCertExpiry = GoTime.Duration(expiry);
        }

        if (sent.String("SigningCACert") is { Length: > 0 } cert)
        {
            config.SigningCaCert = ByteString.CopyFromUtf8(cert);
        }

        if (sent.String("SigningCAKey") is { Length: > 0 } key)
        {
            config.SigningCaKey = ByteString.CopyFromUtf8(key);
        }

        config.ForceRotate = sent.UInt64("ForceRotate");
        foreach (var entry in sent.Objects("ExternalCAs", "ExternalCA"))
        {
            var protocol = entry.String("Protocol");
            if (!string.Equals(protocol, "cfssl", StringComparison.OrdinalIgnoreCase))
            {
                throw new ConversionException($"invalid protocol: \"{protocol}\"");
            }

            var ca = new ExternalCA { Url = entry.String("URL"), CaCert = ByteString.CopyFromUtf8(entry.String("CACert")) };
            ca.Options.Add(entry.Map("Options"));
            config.ExternalCas.Add(ca);
        }
    }

    private static ulong NonZero(ulong sent, ulong basis) => sent == 0 ? basis : sent;
}
