using System.Text.Json;
using SwarmNet.EngineApi.Json;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Mapping;

/// <summary>A task as <c>GET /tasks</c> shows it.</summary>
internal static class TaskJson
{
    public static void Write(Utf8JsonWriter json, SwarmTask task)
    {
        json.WriteStartObject();
        CommonJson.Head(json, task.Id, task.Meta);
        CommonJson.Annotations(json, task.Annotations);
        TaskSpecJson.Write(json, "Spec", task.Spec ?? new TaskSpec(), withRuntime: false);
        json.StringIfAny("ServiceID", task.ServiceId);
        json.NumberIfAny("Slot", task.Slot);
        json.StringIfAny("NodeID", task.NodeId);
        WriteStatus(json, task.Status ?? new TaskStatus());
        json.WriteString("DesiredState", Words.Of(task.DesiredState));
        json.ListIfAny("NetworksAttachments", task.Networks, static (json, attachment) =>
        {
            json.WriteStartObject();
            SwarmNetworkJson.Write(json, "Network", attachment.Network ?? new Network());
            json.StringListIfAny("Addresses", attachment.Addresses);
            json.WriteEndObject();
        });
        CommonJson.GenericResources(json, "GenericResources", task.AssignedGenericResources);
        if (task.JobIteration is { } iteration)
        {
            CommonJson.Version(json, "JobIteration", iteration);
        }

        json.WriteEndObject();
    }

    private static void WriteStatus(Utf8JsonWriter json, TaskStatus status)
    {
        json.WriteStartObject("Status");
        json.WriteString("Timestamp", GoTime.Format(status.Timestamp));
        json.WriteString("State", Words.Of(status.State));
        json.StringIfAny("Message", status.Message);
        json.StringIfAny("Err", status.Err);
        if (status.Container is { } container)
        {
            json.WriteStartObject("ContainerStatus");
            json.WriteString("ContainerID", container.ContainerId);
            json.WriteNumber("PID", container.Pid);
            json.WriteNumber("ExitCode", container.ExitCode);
            json.WriteEndObject();
        }

        json.WriteStartObject("PortStatus");
        json.ListIfAny("Ports", status.PortStatus?.Ports ?? [], EndpointJson.WritePort);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
