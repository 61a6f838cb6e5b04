using System.Text.Json.Nodes;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Commands.Flags;
using SwarmNet.Cli.Specs;
using SwarmNet.EngineApi.Client;

namespace SwarmNet.Cli.Commands;

/// <summary>The spec of a new service from the flags of <c>service create</c>. What no flag asks for is left out: the engine fills it in.</summary>
internal sealed class ServiceSpecBuilder
{
    private readonly Invocation _invocation;
    private readonly FlagSet _flags;
    private readonly ServiceReferences _references;

    public ServiceSpecBuilder(Invocation invocation, Engine client)
    {
        _invocation = invocation;
        _flags = invocation.Flags;
        _references = new ServiceReferences(client);
    }

    public JsonObject Build()
    {
        // Everything that can be refused here is refused before the engine is asked for anything.
        var mode = Mode();
        var environment = ServiceFlagValues.Environment(_flags.List("env-file"), _flags.List("env"));
        var container = Container(environment);
        var task = new JsonObject
        {
            ["ContainerSpec"] = container,
            ["Resources"] = Resources(),
            ["Placement"] = Placement(),
            ["ForceUpdate"] = 0,
        };
        if (ServiceFlagValues.RestartPolicy(_flags, null) is { } restart)
        {
            task["RestartPolicy"] = restart;
        }

        if (_flags.Text("log-driver").Length > 0)
        {
            task["LogDriver"] = new JsonObject { ["Name"] = _flags.Text("log-driver"), ["Options"] = KeyValue.ToObject(_flags.List("log-opt")) };
        }

        var networks = _flags.List("network").Select(NetworkParser.Parse).ToList();
        foreach (var network in networks)
        {
            network["Target"] = _references.NetworkId((string)network["Target"]!);
        }

        task.SetList("Networks", networks.OrderBy(network => (string?)network["Target"], StringComparer.Ordinal));
        container.SetList("Secrets", _references.Resolve("Secret", _flags.List("secret").Select(text => FileReference.Parse(text))));
        container.SetList("Configs", _references.Resolve("Config", _flags.List("config").Select(text => FileReference.Parse(text, "config"))));
        var spec = new JsonObject
        {
            ["Name"] = _flags.Text("name"),
            ["Labels"] = KeyValue.ToObject(_flags.List("label")),
            ["TaskTemplate"] = task,
            ["Mode"] = mode,
        };
        var isJob = mode.ContainsKey("ReplicatedJob") || mode.ContainsKey("GlobalJob");
        foreach (var (name, prefix) in new[] { ("UpdateConfig", "update"), ("RollbackConfig", "rollback") })
        {
            if (ServiceFlagValues.UpdateConfig(_flags, prefix, null) is { } config)
            {
                spec[name] = isJob ? throw new CliException("update and rollback configuration is not supported for jobs") : config;
            }
        }

        var endpoint = new JsonObject { ["Mode"] = _flags.Text("endpoint-mode").ToLowerInvariant() };
        endpoint.SetList("Ports", _flags.List("publish").SelectMany(PortParser.Parse));
        spec["EndpointSpec"] = endpoint;
        return spec;
    }

    private JsonObject Mode()
    {
        var mode = _flags.Text("mode");
        if (mode is not ("replicated" or "global" or "replicated-job" or "global-job"))
        {
            throw new CliException($"Unknown mode: {mode}, only replicated and global supported");
        }

        if (mode is "global" or "global-job")
        {
            RefuseIfChanged("replicas", "replicas can only be used with replicated or replicated-job mode");
            if (_flags.UInt("replicas-max-per-node") > 0)
            {
                throw new CliException("replicas-max-per-node can only be used with replicated or replicated-job mode");
            }
        }

        if (mode != "replicated-job")
        {
            RefuseIfChanged("max-concurrent", "max-concurrent can only be used with replicated-job mode");
        }

        switch (mode)
        {
            case "global":
                return new JsonObject { ["Global"] = new JsonObject() };
            case "global-job":
                return new JsonObject { ["GlobalJob"] = new JsonObject() };
            case "replicated-job":
                var total = _flags.Changed("replicas") ? _flags.UInt("replicas") : 1;
                var concurrent = _flags.Changed("max-concurrent") ? _flags.UInt("max-concurrent") : total;
                return new JsonObject { ["ReplicatedJob"] = new JsonObject { ["MaxConcurrent"] = concurrent, ["TotalCompletions"] = total } };
            default:
                var replicated = new JsonObject();
                if (_flags.Changed("replicas"))
                {
                    replicated["Replicas"] = _flags.UInt("replicas");
                }

                return new JsonObject { ["Replicated"] = replicated };
        }
    }

    private void RefuseIfChanged(string flag, string message)
    {
        if (_flags.Changed(flag))
        {
            throw new CliException(message);
        }
    }

    private JsonObject Container(List<string> environment)
    {
        var spec = new JsonObject { ["Image"] = _invocation.Args[0] };
        var labels = KeyValue.ToObject(_flags.List("container-label"));
        if (labels.Count > 0)
        {
            spec["Labels"] = labels;
        }

        if (_flags.Changed("entrypoint"))
        {
            spec.SetList("Command", Words(ShellWords.Split(_flags.Text("entrypoint"))));
        }

        spec.SetList("Args", Words(_invocation.Args.Skip(1)));
        Text(spec, "Hostname", "hostname");
        spec.SetList("Env", Words(environment));
        Text(spec, "Dir", "workdir");
        Text(spec, "User", "user");
        spec.SetList("Groups", Words(_flags.List("group")));
        ServiceFlagValues.SetPrivileges(spec, _flags.Text("credential-spec"));
        spec["Init"] = _flags.IsSet("init");
        Text(spec, "StopSignal", "stop-signal");
        SetTrue(spec, "TTY", "tty");
        SetTrue(spec, "ReadOnly", "read-only");
        spec.SetList("Mounts", _flags.List("mount").Select(MountParser.Parse));
        if (_flags.Changed("stop-grace-period"))
        {
            spec["StopGracePeriod"] = _flags.Duration("stop-grace-period");
        }

        if (ServiceFlagValues.Healthcheck(_flags, null) is { } healthcheck)
        {
            spec["Healthcheck"] = healthcheck;
        }

        spec.SetList("Hosts", Words(_flags.List("host").Select(FlagChecks.SplitHost).Select(host => $"{host.Address} {host.Name}")));
        var dns = new JsonObject();
        dns.SetList("Nameservers", Words(_flags.List("dns")));
        dns.SetList("Search", Words(_flags.List("dns-search")));
        dns.SetList("Options", Words(_flags.List("dns-option")));
        spec["DNSConfig"] = dns;
        Text(spec, "Isolation", "isolation");
        var sysctls = KeyValue.ToObject(_flags.List("sysctl"));
        if (sysctls.Count > 0)
        {
            spec["Sysctls"] = sysctls;
        }

        var (add, drop) = Capabilities.Effective(_flags.List("cap-add"), _flags.List("cap-drop"));
        spec.SetList("CapabilityAdd", Words(add));
        spec.SetList("CapabilityDrop", Words(drop));
        spec.SetList("Ulimits", ServiceFlagValues.Ulimits(_flags.List("ulimit")));
        if (_flags.Changed("oom-score-adj"))
        {
            spec["OomScoreAdj"] = _flags.Int("oom-score-adj");
        }

        return spec;
    }

    private JsonObject Resources()
    {
        var limits = new JsonObject();
        var reservations = new JsonObject();
        ServiceFlagValues.SetResources(_flags, limits, reservations);
        reservations.SetList("GenericResources", ServiceFlagValues.GenericResources(_flags.List("generic-resource")));
        return new JsonObject { ["Limits"] = limits, ["Reservations"] = reservations };
    }

    private JsonObject Placement()
    {
        var placement = new JsonObject();
        placement.SetList("Constraints", Words(_flags.List("constraint")));
        placement.SetList("Preferences", _flags.List("placement-pref").Select(ServiceFlagValues.Preference));
        if (_flags.UInt("replicas-max-per-node") > 0)
        {
            placement["MaxReplicas"] = _flags.UInt("replicas-max-per-node");
        }

        return placement;
    }

    private void Text(JsonObject spec, string name, string flag)
    {
        if (_flags.Text(flag).Length > 0)
        {
            spec[name] = _flags.Text(flag);
        }
    }

    private void SetTrue(JsonObject spec, string name, string flag)
    {
        if (_flags.IsSet(flag))
        {
            spec[name] = true;
        }
    }

    private static IEnumerable<JsonNode?> Words(IEnumerable<string> words) => words.Select(word => (JsonNode?)JsonValue.Create(word));
}
