using System.Text.Json;
using SwarmNet.EngineApi.Json;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Mapping;

/// <summary>How a service is updated or rolled back, both ways.</summary>
internal static class UpdateConfigJson
{
    public static void WriteIfAny(Utf8JsonWriter json, string name, UpdateConfig? config)
    {
        if (config is null)
        {
            return;
        }

        json.WriteStartObject(name);
        json.WriteNumber("Parallelism", config.Parallelism);
        json.NumberIfAny("Delay", GoTime.Nanoseconds(config.Delay));
        json.WriteString("FailureAction", config.FailureAction switch
        {
            UpdateConfig.Types.FailureAction.Continue => "continue",
            UpdateConfig.Types.FailureAction.Rollback => "rollback",
            _ => "pause",
        });
        json.NumberIfAny("Monitor", GoTime.Nanoseconds(config.Monitor));
        json.Float("MaxFailureRatio", config.MaxFailureRatio);
        json.WriteString("Order", config.Order == UpdateConfig.Types.UpdateOrder.StartFirst ? "start-first" : "stop-first");
        json.WriteEndObject();
    }

    public static UpdateConfig Read(GoObject body)
    {
        var action = body.String("FailureAction");
        var order = body.String("Order");
        var monitor = body.Int64("Monitor", "time.Duration");
        return new UpdateConfig
        {
            Parallelism = body.UInt64("Parallelism"),
            Delay = GoTime.Duration(body.Int64("Delay", "time.Duration")),
            Monitor = monitor == 0 ? null : GoTime.Duration(monitor),
            MaxFailureRatio = body.Single("MaxFailureRatio"),
            FailureAction = action switch
            {
                "" or "pause" => UpdateConfig.Types.FailureAction.Pause,
                "continue" => UpdateConfig.Types.FailureAction.Continue,
                "rollback" => UpdateConfig.Types.FailureAction.Rollback,
                _ => throw new ConversionException($"unrecognized update failure action {action}"),
            },
            Order = order switch
            {
                "" or "stop-first" => UpdateConfig.Types.UpdateOrder.StopFirst,
                "start-first" => UpdateConfig.Types.UpdateOrder.StartFirst,
                _ => throw new ConversionException($"unrecognized update order {order}"),
            },
        };
    }
}
