using System.Text.Json;
using SwarmNet.Agent.Network;
using SwarmNet.EngineApi.Http;

namespace SwarmNet.EngineApi.Swarm;

/// <summary>
/// Not Docker's: this node's network as it should be against what its kernel has. GET compares and changes nothing; POST puts right what differs.
/// </summary>
internal sealed class NetworkDoctorRoutes(ISwarmNode node, string hostname)
{
    public IEnumerable<ApiRoute> All =>
    [
        new("GET", "/swarmnet/network/doctor", request => ExamineAsync(request, repair: false)),
        new("POST", "/swarmnet/network/doctor", request => ExamineAsync(request, repair: true)),
    ];

    private async Task ExamineAsync(ApiRequest request, bool repair)
    {
        var report = await node.ExamineNetworkAsync(repair, request.Aborted);
        await request.WriteJsonAsync(200, json => Write(json, report));
    }

    private void Write(Utf8JsonWriter json, NetworkReport report)
    {
        json.WriteStartObject();
        json.WriteString("NodeID", node.Status.NodeId);
        json.WriteString("Hostname", hostname);
        json.WriteNumber("Sandboxes", report.Sandboxes);
        json.WriteStartArray("Networks");
        foreach (var (name, local, remote) in report.Networks)
        {
            json.WriteStartObject();
            json.WriteString("Name", name);
            json.WriteNumber("LocalEndpoints", local);
            json.WriteNumber("RemoteEndpoints", remote);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("Findings");
        foreach (var finding in report.Findings)
        {
            json.WriteStartObject();
            json.WriteString("Scope", finding.Scope);
            json.WriteString("Object", finding.Repair.Subject);
            json.WriteString("Difference", finding.Repair.Difference);
            json.WriteBoolean("Repaired", finding.IsRepaired);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
