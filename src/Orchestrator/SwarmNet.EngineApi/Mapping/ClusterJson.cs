using System.Text.Json;
using SwarmNet.EngineApi.Json;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Mapping;

/// <summary>The swarm itself as <c>GET /swarm</c> and <c>GET /info</c> show it. Keys of the authority never leave the manager.</summary>
internal static class ClusterJson
{
    /// <summary>Writes the members of the cluster object into the open JSON object.</summary>
    /// <param name="json">The writer.</param>
    /// <param name="cluster">The object of the store.</param>
    /// <param name="tls">What the nodes trust now.</param>
    /// <param name="withTokens">Join tokens are shown by <c>GET /swarm</c> and not by <c>GET /info</c>.</param>
    public static void WriteMembers(Utf8JsonWriter json, Cluster cluster, NodeTLSInfo tls, bool withTokens)
    {
        CommonJson.Head(json, cluster.Id, cluster.Meta);
        ClusterSpecJson.Write(json, "Spec", cluster.Spec ?? new ClusterSpec());
        WriteTls(json, tls);
        json.WriteBoolean("RootRotationInProgress", cluster.RootCa?.RootRotation is not null);
        if (cluster.DefaultAddressPool.Count > 0)
        {
            json.StringList("DefaultAddrPool", cluster.DefaultAddressPool);
        }
        else
        {
            json.WriteNull("DefaultAddrPool");
        }

        json.WriteNumber("SubnetSize", cluster.SubnetSize == 0 ? 24 : cluster.SubnetSize);
        json.WriteNumber("DataPathPort", cluster.VxlanUdpPort == 0 ? 4789 : cluster.VxlanUdpPort);
        if (withTokens)
        {
            json.WriteStartObject("JoinTokens");
            json.WriteString("Worker", cluster.RootCa?.JoinTokens?.Worker ?? "");
            json.WriteString("Manager", cluster.RootCa?.JoinTokens?.Manager ?? "");
            json.WriteEndObject();
        }
    }

    /// <summary>The cluster object of a manager that cannot read it now: Go's zero value of it, as Docker shows it.</summary>
    public static void WriteUnknown(Utf8JsonWriter json, string name)
    {
        json.WriteStartObject(name);
        CommonJson.Head(json, "", null);
        json.WriteStartObject("Spec");
        json.WriteNull("Labels");
        json.WriteStartObject("Orchestration");
        json.WriteEndObject();
        json.WriteStartObject("Raft");
        json.WriteNumber("ElectionTick", 0);
        json.WriteNumber("HeartbeatTick", 0);
        json.WriteEndObject();
        json.WriteStartObject("Dispatcher");
        json.WriteEndObject();
        json.WriteStartObject("CAConfig");
        json.WriteEndObject();
        json.WriteStartObject("TaskDefaults");
        json.WriteEndObject();
        json.WriteStartObject("EncryptionConfig");
        json.WriteBoolean("AutoLockManagers", false);
        json.WriteEndObject();
        json.WriteEndObject();
        WriteTls(json, new NodeTLSInfo());
        json.WriteBoolean("RootRotationInProgress", false);
        json.WriteNull("DefaultAddrPool");
        json.WriteNumber("SubnetSize", 0);
        json.WriteNumber("DataPathPort", 0);
        json.WriteEndObject();
    }

    public static void WriteTls(Utf8JsonWriter json, NodeTLSInfo tls)
    {
        json.WriteStartObject("TLSInfo");
        json.StringIfAny("TrustRoot", tls.TrustRoot.ToStringUtf8());
        if (!tls.CertIssuerSubject.IsEmpty)
        {
            json.WriteBase64String("CertIssuerSubject", tls.CertIssuerSubject.Span);
        }

        if (!tls.CertIssuerPublicKey.IsEmpty)
        {
            json.WriteBase64String("CertIssuerPublicKey", tls.CertIssuerPublicKey.Span);
        }

        json.WriteEndObject();
    }
}
