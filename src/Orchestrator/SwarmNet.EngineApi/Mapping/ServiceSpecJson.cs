using System.Text.Json;
using Google.Protobuf.Collections;
using SwarmNet.EngineApi.Json;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Mapping;

/// <summary>A service's specification, both ways.</summary>
internal static class ServiceSpecJson
{
    public static void Write(Utf8JsonWriter json, string name, ServiceSpec spec)
    {
        json.WriteStartObject(name);
        CommonJson.Annotations(json, spec.Annotations);
        TaskSpecJson.Write(json, "TaskTemplate", spec.Task ?? new TaskSpec(), withRuntime: true);
        WriteMode(json, spec);
        UpdateConfigJson.WriteIfAny(json, "UpdateConfig", spec.Update);
        UpdateConfigJson.WriteIfAny(json, "RollbackConfig", spec.Rollback);
        TaskSpecJson.WriteNetworks(json, spec.Networks);
        if (spec.Endpoint is { } endpoint)
        {
            EndpointJson.WriteSpec(json, "EndpointSpec", endpoint);
        }

        json.WriteEndObject();
    }

    /// <summary>Reads a specification. Throws <see cref="ConversionException"/> and <see cref="GoJsonException"/>.</summary>
    public static ServiceSpec Read(GoObject body)
    {
        var spec = new ServiceSpec { Annotations = CommonJson.ReadAnnotations(body) };
        var template = body.Object("TaskTemplate", "TaskSpec");
        var mode = body.Object("Mode", "ServiceMode");
        var update = body.Object("UpdateConfig", "UpdateConfig");
        var rollback = body.Object("RollbackConfig", "UpdateConfig");
        var endpoint = body.Object("EndpointSpec", "EndpointSpec");
        spec.Task = TaskSpecJson.Read(template);
        ReadMode(mode, spec);
        spec.Update = update is { } u ? UpdateConfigJson.Read(u) : null;
        spec.Rollback = rollback is { } r ? UpdateConfigJson.Read(r) : null;
        TaskSpecJson.ReadNetworks(body, spec.Networks);
        spec.Endpoint = endpoint is { } e ? EndpointJson.ReadSpec(e) : null;
        return spec;
    }

    private static void WriteMode(Utf8JsonWriter json, ServiceSpec spec)
    {
        json.WriteStartObject("Mode");
        switch (spec.ModeCase)
        {
            case ServiceSpec.ModeOneofCase.Replicated:
                json.WriteStartObject("Replicated");
                json.WriteNumber("Replicas", spec.Replicated.Replicas);
                json.WriteEndObject();
                break;
            case ServiceSpec.ModeOneofCase.Global:
                json.WriteStartObject("Global");
                json.WriteEndObject();
                break;
            case ServiceSpec.ModeOneofCase.ReplicatedJob:
                json.WriteStartObject("ReplicatedJob");
                json.WriteNumber("MaxConcurrent", spec.ReplicatedJob.MaxConcurrent);
                json.WriteNumber("TotalCompletions", spec.ReplicatedJob.TotalCompletions);
                json.WriteEndObject();
                break;
            case ServiceSpec.ModeOneofCase.GlobalJob:
                json.WriteStartObject("GlobalJob");
                json.WriteEndObject();
                break;
        }

        json.WriteEndObject();
    }

    private static void ReadMode(GoObject? mode, ServiceSpec spec)
    {
        var replicated = mode?.Object("Replicated", "ReplicatedService");
        var replicatedJob = mode?.Object("ReplicatedJob", "ReplicatedJob");
        var isGlobal = mode?.Object("Global", "GlobalService") is not null;
        var isGlobalJob = mode?.Object("GlobalJob", "GlobalJob") is not null;
        var modes = (replicated is null ? 0 : 1) + (replicatedJob is null ? 0 : 1) + (isGlobal ? 1 : 0) + (isGlobalJob ? 1 : 0);
        if (modes > 1)
        {
            throw new ConversionException("must specify only one service mode");
        }

        if (isGlobal)
        {
            spec.Global = new GlobalService();
        }
        else if (isGlobalJob)
        {
            spec.GlobalJob = new GlobalJob();
        }
        else if (replicatedJob is { } job)
        {
            var maxConcurrent = job.OptionalUInt64("MaxConcurrent") ?? 1;
            spec.ReplicatedJob = new ReplicatedJob
            {
                MaxConcurrent = maxConcurrent,
                TotalCompletions = job.OptionalUInt64("TotalCompletions") ?? maxConcurrent,
            };
        }
        else
        {
            spec.Replicated = new ReplicatedService { Replicas = replicated?.OptionalUInt64("Replicas") ?? 1 };
        }
    }
}
