using System.Text.Json;
using Google.Protobuf.Collections;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.EngineApi.Json;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Mapping;

/// <summary>What a task runs and where, both ways.</summary>
internal static class TaskSpecJson
{
    /// <summary>Writes the specification.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="name">Property name.</param>
    /// <param name="spec">The specification.</param>
    /// <param name="withRuntime">Docker names the runtime in services and not in tasks.</param>
    public static void Write(Utf8JsonWriter json, string name, TaskSpec spec, bool withRuntime)
    {
        json.WriteStartObject(name);
        switch (spec.RuntimeCase)
        {
            case TaskSpec.RuntimeOneofCase.Container:
                ContainerSpecJson.Write(json, spec.Container);
                break;
            case TaskSpec.RuntimeOneofCase.Attachment:
                json.WriteStartObject("NetworkAttachmentSpec");
                json.WriteString("ContainerID", spec.Attachment.ContainerId);
                json.WriteEndObject();
                break;
        }

        WriteResources(json, spec);
        WriteRestart(json, spec.Restart);
        WritePlacement(json, spec.Placement);
        WriteNetworks(json, spec.Networks);
        CommonJson.DriverIfAny(json, "LogDriver", spec.LogDriver);
        json.WriteNumber("ForceUpdate", spec.ForceUpdate);
        if (withRuntime)
        {
            json.StringIfAny("Runtime", Words.RuntimeOf(spec));
        }

        json.WriteEndObject();
    }

    /// <summary>Reads the specification; a null body is an empty object.</summary>
    public static TaskSpec Read(GoObject? body)
    {
        var runtime = body?.String("Runtime") ?? "";
        var container = body?.Object("ContainerSpec", "ContainerSpec");
        if (body is not { } template || container is null || runtime is not ("" or "container"))
        {
            throw runtime is "plugin" or "attachment"
                ? new ConversionException($"invalid Runtime: \"{runtime}\"")
                : new ConversionException("mismatched Runtime and *Spec fields");
        }

        var spec = new TaskSpec { Container = ContainerSpecJson.Read(container.Value) };
        ReadResources(template, spec);
        spec.Restart = template.Object("RestartPolicy", "RestartPolicy") is { } restart ? ReadRestart(restart) : null;
        spec.Placement = template.Object("Placement", "Placement") is { } placement ? ReadPlacement(placement) : null;
        ReadNetworks(template, spec.Networks);
        spec.LogDriver = CommonJson.ReadDriver(template, "LogDriver");
        spec.ForceUpdate = template.UInt64("ForceUpdate");
        return spec;
    }

    public static void WriteNetworks(Utf8JsonWriter json, RepeatedField<NetworkAttachmentConfig> networks) =>
        json.ListIfAny("Networks", networks, static (json, network) =>
        {
            json.WriteStartObject();
            json.StringIfAny("Target", network.Target);
            json.StringListIfAny("Aliases", network.Aliases);
            json.MapIfAny("DriverOpts", network.DriverAttachmentOpts);
            json.WriteEndObject();
        });

    public static void ReadNetworks(GoObject body, RepeatedField<NetworkAttachmentConfig> networks)
    {
        foreach (var network in body.Objects("Networks", "NetworkAttachmentConfig"))
        {
            var config = new NetworkAttachmentConfig { Target = network.String("Target") };
            config.Aliases.Add(network.Strings("Aliases"));
            config.DriverAttachmentOpts.Add(network.Map("DriverOpts"));
            networks.Add(config);
        }
    }

    /// <summary>Writes the restart policy.</summary>
    public static void WriteRestart(Utf8JsonWriter json, RestartPolicy? restart)
    {
        if (restart is null)
        {
            return;
        }

        json.WriteStartObject("RestartPolicy");
        json.WriteString("Condition", restart.Condition switch
        {
            RestartPolicy.Types.Condition.RestartOnNone => "none",
            RestartPolicy.Types.Condition.RestartOnFailure => "on-failure",
            _ => "any",
        });
        DurationIfSet(json, "Delay", restart.Delay);
        json.WriteNumber("MaxAttempts", restart.MaxAttempts);
        DurationIfSet(json, "Window", restart.Window);
        json.WriteEndObject();
    }

    private static void WriteResources(Utf8JsonWriter json, TaskSpec spec)
    {
        if (spec.Resources is not { } resources)
        {
            return;
        }

        json.WriteStartObject("Resources");
        if (resources.Limits is { } limits)
        {
            json.WriteStartObject("Limits");
            json.NumberIfAny("NanoCPUs", limits.NanoCpus);
            json.NumberIfAny("MemoryBytes", limits.MemoryBytes);
            json.NumberIfAny("Pids", spec.Container?.PidsLimit ?? 0);
            json.WriteEndObject();
        }

        if (resources.Reservations is { } reservations)
        {
            json.WriteStartObject("Reservations");
            json.NumberIfAny("NanoCPUs", reservations.NanoCpus);
            json.NumberIfAny("MemoryBytes", reservations.MemoryBytes);
            CommonJson.GenericResources(json, "GenericResources", reservations.Generic);
            json.WriteEndObject();
        }

        if (resources.SwapBytes is { } swap)
        {
            json.WriteNumber("SwapBytes", swap);
        }

        if (resources.MemorySwappiness is { } swappiness)
        {
            json.WriteNumber("MemorySwappiness", swappiness);
        }

        json.WriteEndObject();
    }

    private static void ReadResources(GoObject template, TaskSpec spec)
    {
        if (template.Object("Resources", "ResourceRequirements") is not { } body)
        {
            return;
        }

        var resources = spec.Resources = new ResourceRequirements();
        if (body.Object("Limits", "Limit") is { } limits)
        {
            resources.Limits = new Resources { NanoCpus = limits.Int64("NanoCPUs"), MemoryBytes = limits.Int64("MemoryBytes") };
            spec.Container.PidsLimit = limits.Int64("Pids");
        }

        if (body.Object("Reservations", "Resources") is { } reservations)
        {
            resources.Reservations = new Resources { NanoCpus = reservations.Int64("NanoCPUs"), MemoryBytes = reservations.Int64("MemoryBytes") };
            foreach (var resource in reservations.Objects("GenericResources", "GenericResource"))
            {
                resources.Reservations.Generic.Add(ReadGeneric(resource));
            }
        }

        resources.SwapBytes = body.OptionalInt64("SwapBytes");
        resources.MemorySwappiness = body.OptionalInt64("MemorySwappiness");
        if (resources.SwapBytes is not null && resources.Limits is not { MemoryBytes: > 0 })
        {
            throw new ConversionException("memory swap provided, but no memory-limit was set");
        }
    }

    private static GenericResource ReadGeneric(GoObject body)
    {
        var resource = new GenericResource();
        if (body.Object("NamedResourceSpec", "NamedGenericResource") is { } named)
        {
            resource.NamedResourceSpec = new NamedGenericResource { Kind = named.String("Kind"), Value = named.String("Value") };
        }
        else if (body.Object("DiscreteResourceSpec", "DiscreteGenericResource") is { } discrete)
        {
            resource.DiscreteResourceSpec = new DiscreteGenericResource { Kind = discrete.String("Kind"), Value = discrete.Int64("Value") };
        }

        return resource;
    }

    private static RestartPolicy ReadRestart(GoObject body)
    {
        var condition = body.String("Condition");
        return new RestartPolicy
        {
            Condition = condition switch
            {
                "none" => RestartPolicy.Types.Condition.RestartOnNone,
                "on-failure" => RestartPolicy.Types.Condition.RestartOnFailure,
                "" or "any" => RestartPolicy.Types.Condition.RestartOnAny,
                _ => throw new ConversionException($"invalid RestartCondition: \"{condition}\""),
            },
            Delay = body.OptionalInt64("Delay", "time.Duration") is { } delay ? GoTime.Duration(delay) : null,
            Window = body.OptionalInt64("Window", "time.Duration") is { } window ? GoTime.Duration(window) : null,
            MaxAttempts = body.UInt64("MaxAttempts"),
        };
    }

    private static void WritePlacement(Utf8JsonWriter json, Placement? placement)
    {
        if (placement is null)
        {
            return;
        }

        json.WriteStartObject("Placement");
        json.StringListIfAny("Constraints", placement.Constraints);
        json.ListIfAny("Preferences", placement.Preferences, static (json, preference) =>
        {
            json.WriteStartObject();
            if (preference.Spread is { } spread)
            {
                json.WriteStartObject("Spread");
                json.WriteString("SpreadDescriptor", spread.SpreadDescriptor);
                json.WriteEndObject();
            }
            else
            {
                json.WriteNull("Spread");
            }

            json.WriteEndObject();
        });
        json.NumberIfAny("MaxReplicas", placement.MaxReplicas);
        json.ListIfAny("Platforms", placement.Platforms, CommonJson.Platform);
        json.WriteEndObject();
    }

    private static Placement ReadPlacement(GoObject body)
    {
        var placement = new Placement { MaxReplicas = body.UInt64("MaxReplicas") };
        placement.Constraints.Add(body.Strings("Constraints"));
        foreach (var preference in body.Objects("Preferences", "PlacementPreference"))
        {
            if (preference.Object("Spread", "SpreadOver") is { } spread)
            {
                placement.Preferences.Add(new PlacementPreference
                {
                    Spread = new SpreadOver { SpreadDescriptor = spread.String("SpreadDescriptor") },
                });
            }
        }

        foreach (var platform in body.Objects("Platforms", "Platform"))
        {
            placement.Platforms.Add(new Platform { Architecture = platform.String("Architecture"), Os = platform.String("OS") });
        }

        return placement;
    }

    private static void DurationIfSet(Utf8JsonWriter json, string name, Duration? duration)
    {
        if (duration is not null)
        {
            json.WriteNumber(name, GoTime.Nanoseconds(duration));
        }
    }
}
