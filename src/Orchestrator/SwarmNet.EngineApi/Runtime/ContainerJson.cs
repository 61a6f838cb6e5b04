using System.Globalization;
using System.Text.Json;
using SwarmNet.EngineApi.Json;
using SwarmNet.EngineApi.Mapping;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Runtime;

/// <summary>Containers as <c>GET /containers</c> shows them.</summary>
internal static class ContainerJson
{
    public static string StateWord(ContainerInfo container) => container.State.ToString().ToLowerInvariant();

    public static void WriteSummary(Utf8JsonWriter json, ContainerInfo container, DateTimeOffset now)
    {
        json.WriteStartObject();
        json.WriteString("Id", container.Id);
        json.StringList("Names", ["/" + container.Name]);
        json.WriteString("Image", container.Image);
        json.WriteString("ImageID", container.ImageId);
        json.WriteString("Command", string.Join(' ', container.Command.Select(Quote)));
        json.WriteNumber("Created", container.Created.ToUnixTimeSeconds());
        json.List("Ports", container.Ports, static (json, port) =>
        {
            json.WriteStartObject();
            json.WriteString("IP", "0.0.0.0");
            json.WriteNumber("PrivatePort", port.TargetPort);
            json.WriteNumber("PublicPort", port.PublishedPort);
            json.WriteString("Type", Words.Of(port.Protocol));
            json.WriteEndObject();
        });
        json.Map("Labels", container.Labels);
        json.WriteString("State", StateWord(container));
        json.WriteString("Status", ContainerStatusText.Of(container, now));
        json.WriteStartObject("HostConfig");
        json.WriteString("NetworkMode", "default");
        json.WriteEndObject();
        json.WriteStartObject("NetworkSettings");
        WriteNetworks(json, container);
        json.WriteEndObject();
        WriteMounts(json, container);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, ContainerInfo container)
    {
        json.WriteStartObject();
        json.WriteString("Id", container.Id);
        json.WriteString("Created", GoTime.Format(container.Created));
        json.WriteString("Path", container.Command.Count > 0 ? container.Command[0] : "");
        json.StringList("Args", container.Command.Skip(1));
        WriteState(json, container);
        json.WriteString("Image", container.ImageId);
        json.WriteString("LogPath", container.LogPath);
        json.WriteString("Name", "/" + container.Name);
        json.WriteNumber("RestartCount", 0);
        json.WriteString("Driver", "overlayfs");
        json.WriteString("Platform", "linux");
        json.WriteNull("ExecIDs");
        json.WriteStartObject("HostConfig");
        json.WriteString("NetworkMode", "default");
        WriteBindings(json, "PortBindings", container, "");
        json.WriteStartObject("RestartPolicy");
        json.WriteString("Name", "");
        json.WriteNumber("MaximumRetryCount", 0);
        json.WriteEndObject();
        json.WriteNumber("Memory", container.MemoryLimitBytes);
        json.WriteNumber("NanoCpus", container.NanoCpus);
        json.ListIfAny("Mounts", container.Mounts, MountJson.Write);
        json.WriteEndObject();
        WriteMounts(json, container);
        WriteConfig(json, container);
        json.WriteStartObject("NetworkSettings");
        WriteBindings(json, "Ports", container, "0.0.0.0");
        WriteNetworks(json, container);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteState(Utf8JsonWriter json, ContainerInfo container)
    {
        json.WriteStartObject("State");
        json.WriteString("Status", StateWord(container));
        json.WriteBoolean("Running", container.State == ContainerState.Running);
        json.WriteBoolean("Paused", false);
        json.WriteBoolean("Restarting", false);
        json.WriteBoolean("OOMKilled", false);
        json.WriteBoolean("Dead", false);
        json.WriteNumber("Pid", container.Pid);
        json.WriteNumber("ExitCode", container.ExitCode);
        json.WriteString("Error", container.Error);
        json.WriteString("StartedAt", container.StartedAt is { } started ? GoTime.Format(started) : GoTime.Zero);
        json.WriteString("FinishedAt", container.FinishedAt is { } finished ? GoTime.Format(finished) : GoTime.Zero);
        if (container.Health.Length > 0)
        {
            json.WriteStartObject("Health");
            json.WriteString("Status", container.Health);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteConfig(Utf8JsonWriter json, ContainerInfo container)
    {
        json.WriteStartObject("Config");
        json.WriteString("Hostname", container.Hostname);
        json.WriteString("Domainname", "");
        json.WriteString("User", container.User);
        json.WriteBoolean("AttachStdin", false);
        json.WriteBoolean("AttachStdout", false);
        json.WriteBoolean("AttachStderr", false);
        json.WriteBoolean("Tty", container.HasTerminal);
        json.WriteBoolean("OpenStdin", false);
        json.WriteBoolean("StdinOnce", false);
        json.StringList("Env", container.Environment);
        json.StringList("Cmd", container.Command);
        json.WriteString("Image", container.Image);
        json.WriteString("WorkingDir", container.WorkingFolder);
        json.WriteNull("Entrypoint");
        json.Map("Labels", container.Labels);
        json.WriteEndObject();
    }

    private static void WriteBindings(Utf8JsonWriter json, string name, ContainerInfo container, string hostAddress)
    {
        json.WriteStartObject(name);
        foreach (var group in container.Ports.GroupBy(port => string.Create(CultureInfo.InvariantCulture, $"{port.TargetPort}/{Words.Of(port.Protocol)}")))
        {
            json.List(group.Key, group, (json, port) =>
            {
                json.WriteStartObject();
                json.WriteString("HostIp", hostAddress);
                json.WriteString("HostPort", port.PublishedPort.ToString(CultureInfo.InvariantCulture));
                json.WriteEndObject();
            });
        }

        json.WriteEndObject();
    }

    private static void WriteNetworks(Utf8JsonWriter json, ContainerInfo container)
    {
        json.WriteStartObject("Networks");
        foreach (var attachment in container.Networks)
        {
            var address = attachment.Addresses.FirstOrDefault() ?? "";
            var address6 = attachment.Addresses.FirstOrDefault(cidr => cidr.Contains(':', StringComparison.Ordinal)) ?? "";
            json.WriteStartObject(attachment.Network.Spec.Annotations.Name);
            json.WriteNull("Links");
            json.WriteNull("Aliases");
            json.WriteString("NetworkID", attachment.Network.Id);
            json.WriteString("EndpointID", "");
            json.WriteString("Gateway", "");
            json.WriteString("IPAddress", address.Split('/')[0]);
            json.WriteNumber("IPPrefixLen", PrefixLength(address));
            json.WriteString("IPv6Gateway", "");
            json.WriteString("GlobalIPv6Address", address6.Split('/')[0]);
            json.WriteNumber("GlobalIPv6PrefixLen", PrefixLength(address6));
            json.WriteString("MacAddress", "");
            json.WriteNull("DriverOpts");
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteMounts(Utf8JsonWriter json, ContainerInfo container) =>
        json.List("Mounts", container.Mounts, static (json, mount) =>
        {
            json.WriteStartObject();
            json.WriteString("Type", mount.Type.ToString().ToLowerInvariant());
            if (mount.Type == Mount.Types.MountType.Volume)
            {
                json.StringIfAny("Name", mount.Source);
            }

            json.WriteString("Source", mount.Source);
            json.WriteString("Destination", mount.Target);
            if (mount.Type == Mount.Types.MountType.Volume)
            {
                json.WriteString("Driver", mount.VolumeOptions?.DriverConfig is { Name.Length: > 0 } driver ? driver.Name : "local");
            }

            json.WriteString("Mode", "");
            json.WriteBoolean("RW", !mount.Readonly);
            json.WriteString("Propagation", mount.Type == Mount.Types.MountType.Bind ? "rprivate" : "");
            json.WriteEndObject();
        });

    private static int PrefixLength(string address) =>
        address.Split('/') is [_, var length] && int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) ? bits : 0;

    private static string Quote(string argument) =>
        argument.AsSpan().ContainsAny(" \t\"'") ? "'" + argument.Replace("'", "'\\''", StringComparison.Ordinal) + "'" : argument;
}
