using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.EngineApi.Json;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Mapping;

/// <summary>What a container is made of, both ways. Registry credentials are read from a header and never written.</summary>
internal static partial class ContainerSpecJson
{
    public static void Write(Utf8JsonWriter json, ContainerSpec spec)
    {
        json.WriteStartObject("ContainerSpec");
        json.StringIfAny("Image", spec.Image);
        json.MapIfAny("Labels", spec.Labels);
        json.StringListIfAny("Command", spec.Command);
        json.StringListIfAny("Args", spec.Args);
        json.StringIfAny("Hostname", spec.Hostname);
        json.StringListIfAny("Env", spec.Env);
        json.StringIfAny("Dir", spec.Dir);
        json.StringIfAny("User", spec.User);
        json.StringListIfAny("Groups", spec.Groups);
        WritePrivileges(json, spec.Privileges);
        if (spec.Init is { } init)
        {
            json.WriteBoolean("Init", init);
        }

        json.StringIfAny("StopSignal", spec.StopSignal);
        json.TrueIfSet("TTY", spec.Tty);
        json.TrueIfSet("OpenStdin", spec.OpenStdin);
        json.TrueIfSet("ReadOnly", spec.ReadOnly);
        json.ListIfAny("Mounts", spec.Mounts, MountJson.Write);
        if (spec.StopGracePeriod is { } grace)
        {
            json.WriteNumber("StopGracePeriod", GoTime.Nanoseconds(grace));
        }

        WriteHealth(json, spec.Healthcheck);
        json.StringListIfAny("Hosts", spec.Hosts);
        if (spec.DnsConfig is { } dns)
        {
            json.WriteStartObject("DNSConfig");
            json.StringListIfAny("Nameservers", dns.Nameservers);
            json.StringListIfAny("Search", dns.Search);
            json.StringListIfAny("Options", dns.Options);
            json.WriteEndObject();
        }

        json.ListIfAny("Secrets", spec.Secrets, WriteSecret);
        json.ListIfAny("Configs", spec.Configs, WriteConfig);
        json.WriteString("Isolation", spec.Isolation switch
        {
            ContainerSpec.Types.Isolation.Process => "process",
            ContainerSpec.Types.Isolation.Hyperv => "hyperv",
            _ => "default",
        });
        json.MapIfAny("Sysctls", spec.Sysctls);
        json.StringListIfAny("CapabilityAdd", spec.CapabilityAdd);
        json.StringListIfAny("CapabilityDrop", spec.CapabilityDrop);
        json.ListIfAny("Ulimits", spec.Ulimits, static (json, limit) =>
        {
            json.WriteStartObject();
            json.WriteString("Name", limit.Name);
            json.WriteNumber("Hard", limit.Hard);
            json.WriteNumber("Soft", limit.Soft);
            json.WriteEndObject();
        });
        json.NumberIfAny("OomScoreAdj", spec.OomScoreAdj);
        json.WriteEndObject();
    }

    public static ContainerSpec Read(GoObject body)
    {
        var spec = new ContainerSpec
        {
            Image = body.String("Image"),
            Hostname = body.String("Hostname"),
            Dir = body.String("Dir"),
            User = body.String("User"),
            Init = body.OptionalBool("Init"),
            StopSignal = body.String("StopSignal"),
            Tty = body.Bool("TTY"),
            OpenStdin = body.Bool("OpenStdin"),
            ReadOnly = body.Bool("ReadOnly"),
            StopGracePeriod = body.OptionalInt64("StopGracePeriod", "time.Duration") is { } grace ? GoTime.Duration(grace) : null,
            Isolation = ReadIsolation(body.String("Isolation")),
            OomScoreAdj = body.Int64("OomScoreAdj"),
        };
        spec.Labels.Add(body.Map("Labels"));
        spec.Command.Add(body.Strings("Command"));
        spec.Args.Add(body.Strings("Args"));
        spec.Env.Add(body.Strings("Env"));
        spec.Groups.Add(body.Strings("Groups"));
        spec.Hosts.Add(body.Strings("Hosts"));
        spec.Sysctls.Add(body.Map("Sysctls"));
        spec.CapabilityAdd.Add(body.Strings("CapabilityAdd"));
        spec.CapabilityDrop.Add(body.Strings("CapabilityDrop"));
        spec.Privileges = body.Object("Privileges", "Privileges") is { } privileges ? ReadPrivileges(privileges) : null;
        spec.Healthcheck = body.Object("Healthcheck", "HealthConfig") is { } health ? ReadHealth(health) : null;
        foreach (var mount in body.Objects("Mounts", "Mount"))
        {
            spec.Mounts.Add(MountJson.Read(mount));
        }

        foreach (var secret in body.Objects("Secrets", "SecretReference"))
        {
            spec.Secrets.Add(ReadSecret(secret));
        }

        foreach (var config in body.Objects("Configs", "ConfigReference"))
        {
            spec.Configs.Add(ReadConfig(config));
        }

        foreach (var limit in body.Objects("Ulimits", "Ulimit"))
        {
            spec.Ulimits.Add(new ContainerSpec.Types.Ulimit { Name = limit.String("Name"), Soft = limit.Int64("Soft"), Hard = limit.Int64("Hard") });
        }

        if (body.Object("DNSConfig", "DNSConfig") is { } dns)
        {
            spec.DnsConfig = new ContainerSpec.Types.DNSConfig();
            spec.DnsConfig.Nameservers.Add(dns.Strings("Nameservers"));
            spec.DnsConfig.Search.Add(dns.Strings("Search"));
            spec.DnsConfig.Options.Add(dns.Strings("Options"));
        }

        return spec;
    }

    private static ContainerSpec.Types.Isolation ReadIsolation(string word) => word.ToLowerInvariant() switch
    {
        "process" => ContainerSpec.Types.Isolation.Process,
        "hyperv" => ContainerSpec.Types.Isolation.Hyperv,
        _ => ContainerSpec.Types.Isolation.Default,
    };

    private static void WriteHealth(Utf8JsonWriter json, HealthConfig? health)
    {
        if (health is null)
        {
            return;
        }

        json.WriteStartObject("Healthcheck");
        json.StringListIfAny("Test", health.Test);
        json.NumberIfAny("Interval", GoTime.Nanoseconds(health.Interval));
        json.NumberIfAny("Timeout", GoTime.Nanoseconds(health.Timeout));
        json.NumberIfAny("StartPeriod", GoTime.Nanoseconds(health.StartPeriod));
        json.NumberIfAny("StartInterval", GoTime.Nanoseconds(health.StartInterval));
        json.NumberIfAny("Retries", (long)health.Retries);
        json.WriteEndObject();
    }

    private static HealthConfig ReadHealth(GoObject body)
    {
        var health = new HealthConfig
        {
            Interval = ReadDuration(body, "Interval"),
            Timeout = ReadDuration(body, "Timeout"),
            StartPeriod = ReadDuration(body, "StartPeriod"),
            StartInterval = ReadDuration(body, "StartInterval"),
            Retries = (int)Math.Clamp(body.Int64("Retries", "int"), int.MinValue, int.MaxValue),
        };
        health.Test.Add(body.Strings("Test"));
        return health;
    }

    private static Duration? ReadDuration(GoObject body, string name) =>
        body.Int64(name, "time.Duration") is not 0 and var nanoseconds ? GoTime.Duration(nanoseconds) : null;
}
