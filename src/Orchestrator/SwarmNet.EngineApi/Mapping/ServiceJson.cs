using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.EngineApi.Json;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Mapping;

/// <summary>A service as <c>GET /services</c> shows it.</summary>
internal static class ServiceJson
{
    /// <summary>Writes the service.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="service">The object of the store.</param>
    /// <param name="status">Task counts, with <c>status=true</c>.</param>
    /// <param name="insertDefaults">Fill unset fields with the values that apply.</param>
    public static void Write(Utf8JsonWriter json, Service service, ServiceTaskCounts? status = null, bool insertDefaults = false)
    {
        var spec = service.Spec ?? new ServiceSpec();
        json.WriteStartObject();
        CommonJson.Head(json, service.Id, service.Meta);
        ServiceSpecJson.Write(json, "Spec", insertDefaults ? ServiceDefaults.Apply(spec) : spec);
        if (service.PreviousSpec is { } previous)
        {
            ServiceSpecJson.Write(json, "PreviousSpec", previous);
        }

        EndpointJson.Write(json, service.Endpoint);
        WriteUpdateStatus(json, service.UpdateStatus);
        if (status is { } counts)
        {
            json.WriteStartObject("ServiceStatus");
            json.WriteNumber("RunningTasks", counts.Running);
            json.WriteNumber("DesiredTasks", counts.Desired);
            json.WriteNumber("CompletedTasks", counts.Completed);
            json.WriteEndObject();
        }

        if (service.JobStatus is { } job)
        {
            json.WriteStartObject("JobStatus");
            CommonJson.Version(json, "JobIteration", job.JobIteration);
            json.WriteString("LastExecution", GoTime.Format(job.LastExecution));
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteUpdateStatus(Utf8JsonWriter json, UpdateStatus? status)
    {
        if (status is null)
        {
            return;
        }

        json.WriteStartObject("UpdateStatus");
        json.StringIfAny("State", Words.Of(status.State));
        TimeIfSet(json, "StartedAt", status.StartedAt);
        TimeIfSet(json, "CompletedAt", status.CompletedAt);
        json.StringIfAny("Message", status.Message);
        json.WriteEndObject();
    }

    private static void TimeIfSet(Utf8JsonWriter json, string name, Timestamp? time)
    {
        if (time is { Seconds: not 0 })
        {
            json.WriteString(name, GoTime.Format(time));
        }
    }
}
