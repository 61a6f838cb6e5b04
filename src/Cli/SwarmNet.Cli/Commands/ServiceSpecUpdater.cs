using System.Text.Json.Nodes;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Commands.Flags;
using SwarmNet.Cli.Specs;
using SwarmNet.EngineApi.Client;

namespace SwarmNet.Cli.Commands;

/// <summary>Writes the flags of <c>service update</c> into a service's spec; what no flag names stays as it is.</summary>
internal sealed class ServiceSpecUpdater
{
    private readonly FlagSet _flags;
    private readonly JsonObject _spec;
    private readonly JsonObject _task;
    private readonly JsonObject _container;
    private readonly ServiceReferences _references;

    public ServiceSpecUpdater(Invocation invocation, Engine client, JsonObject spec)
    {
        _flags = invocation.Flags;
        _spec = spec;
        _task = spec.Child("TaskTemplate");
        _container = _task.Child("ContainerSpec");
        _references = new ServiceReferences(client);
    }

    public void Apply()
    {
        UpdateMode();
        UpdateContainer();
        UpdateFiles();
        UpdateTask();
        UpdateConfigs();
        UpdateEndpoint();
        UpdateMap(_spec, "Labels", "label-add", "label-rm", keepEmpty: true);
        if (_flags.IsSet("force"))
        {
            _task["ForceUpdate"] = ((ulong?)_task["ForceUpdate"] ?? 0) + 1;
        }
    }

    private static IEnumerable<JsonNode?> Words(IEnumerable<string> words) => words.Select(word => (JsonNode?)JsonValue.Create(word));

    private void UpdateMode()
    {
        if (_flags.Changed("replicas"))
        {
            if (_spec.Child("Mode")["Replicated"] is not JsonObject replicated)
            {
                throw new CliException("replicas can only be used with replicated mode");
            }

            replicated["Replicas"] = _flags.UInt("replicas");
        }

        if (_flags.Changed("max-concurrent"))
        {
            if (_spec.Child("Mode")["ReplicatedJob"] is not JsonObject job)
            {
                throw new CliException("max-concurrent can only be used with replicated-job mode");
            }

            job["MaxConcurrent"] = _flags.UInt("max-concurrent");
        }
    }

    private void UpdateContainer()
    {
        UpdateMap(_container, "Labels", "container-label-add", "container-label-rm");
        UpdateEnvironment();
        Text("image", "Image");
        Text("workdir", "Dir");
        Text("user", "User");
        Text("hostname", "Hostname");
        Text("stop-signal", "StopSignal");
        Text("isolation", "Isolation");
        if (_flags.Changed("args"))
        {
            _container.SetList("Args", Words(ShellWords.Split(_flags.Text("args"))));
        }

        if (_flags.Changed("entrypoint"))
        {
            _container.SetList("Command", Words(ShellWords.Split(_flags.Text("entrypoint"))));
        }

        Bool("tty", "TTY");
        Bool("read-only", "ReadOnly");
        Bool("init", "Init");
        if (_flags.Changed("stop-grace-period"))
        {
            _container["StopGracePeriod"] = _flags.Duration("stop-grace-period");
        }

        if (_flags.Changed("oom-score-adj"))
        {
            _container["OomScoreAdj"] = _flags.Int("oom-score-adj");
        }

        if (_flags.Changed("credential-spec"))
        {
            ServiceFlagValues.SetPrivileges(_container, _flags.Text("credential-spec"));
        }

        UpdateMounts();
        UpdateList(_container, "Groups", "group-add", "group-rm", sort: true);
        UpdateHosts();
        UpdateDns();
        UpdateMap(_container, "Sysctls", "sysctl-add", "sysctl-rm");
        UpdateUlimits();
        UpdateCapabilities();
        if (ServiceFlagValues.Healthcheck(_flags, _container["Healthcheck"] as JsonObject) is { } healthcheck)
        {
            _container["Healthcheck"] = healthcheck.Parent is null ? healthcheck : healthcheck.DeepClone();
        }
    }

    private void UpdateEnvironment()
    {
        if (!_flags.ChangedAny("env-add", "env-rm"))
        {
            return;
        }

        var variables = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var variable in _container["Env"].Strings().Concat(ServiceFlagValues.Environment([], _flags.List("env-add"))))
        {
            variables[KeyValue.Cut(variable, out _)] = variable;
        }

        foreach (var name in _flags.List("env-rm"))
        {
            variables.Remove(name);
        }

        _container.SetList("Env", Words(variables.Values));
    }

    private void UpdateMounts()
    {
        if (!_flags.ChangedAny("mount-add", "mount-rm"))
        {
            return;
        }

        var mounts = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
        foreach (var mount in (_container["Mounts"] as JsonArray ?? []).Concat(_flags.List("mount-add").Select(MountParser.Parse)))
        {
            mounts[(string)mount!["Target"]!] = mount;
        }

        foreach (var target in _flags.List("mount-rm"))
        {
            mounts.Remove(target);
        }

        _container.SetList("Mounts", mounts.Values.OrderBy(mount => (string?)mount["Source"] ?? "", StringComparer.Ordinal)
            .ThenBy(mount => (string?)mount["Target"], StringComparer.Ordinal));
    }

    private void UpdateHosts()
    {
        if (!_flags.ChangedAny("host-add", "host-rm"))
        {
            return;
        }

        var removed = _flags.List("host-rm").Select(text => text.Split([':', '='], 2)).ToList();
        var hosts = _container["Hosts"].Strings()
            .Where(line => !removed.Any(host => line.Split(' ') is [var address, .. var names]
                && names.Contains(host[0]) && (host.Length == 1 || host[1].Length == 0 || host[1] == address)))
            .Concat(_flags.List("host-add").Select(FlagChecks.SplitHost).Select(host => $"{host.Address} {host.Name}"))
            .Distinct().Order(StringComparer.Ordinal);
        _container.SetList("Hosts", Words(hosts));
    }

    private void UpdateDns()
    {
        if (!_flags.ChangedAny("dns-add", "dns-rm", "dns-option-add", "dns-option-rm", "dns-search-add", "dns-search-rm"))
        {
            return;
        }

        var dns = _container.Child("DNSConfig");
        UpdateList(dns, "Nameservers", "dns-add", "dns-rm", sort: true);
        UpdateList(dns, "Search", "dns-search-add", "dns-search-rm", sort: true);
        UpdateList(dns, "Options", "dns-option-add", "dns-option-rm", sort: true);
    }

    private void UpdateUlimits()
    {
        if (!_flags.ChangedAny("ulimit-add", "ulimit-rm"))
        {
            return;
        }

        var limits = new SortedDictionary<string, JsonNode>(StringComparer.Ordinal);
        foreach (var limit in (_container["Ulimits"] as JsonArray ?? []).Where(limit => !_flags.List("ulimit-rm").Contains((string?)limit!["Name"]))
            .Concat(ServiceFlagValues.Ulimits(_flags.List("ulimit-add"))))
        {
            limits[(string)limit!["Name"]!] = limit;
        }

        _container.SetList("Ulimits", limits.Values);
    }

    /// <summary>Adding what was dropped takes the drop back, and the other way round; RESET clears a list.</summary>
    private void UpdateCapabilities()
    {
        if (!_flags.ChangedAny("cap-add", "cap-drop"))
        {
            return;
        }

        var add = _container["CapabilityAdd"].Strings().Select(Capabilities.Normalize).ToHashSet(StringComparer.Ordinal);
        var drop = _container["CapabilityDrop"].Strings().Select(Capabilities.Normalize).ToHashSet(StringComparer.Ordinal);
        var toAdd = _flags.List("cap-add").Select(Capabilities.Normalize).ToHashSet(StringComparer.Ordinal);
        var toDrop = _flags.List("cap-drop").Select(Capabilities.Normalize).ToHashSet(StringComparer.Ordinal);
        if (toAdd.Remove("RESET"))
        {
            add.Clear();
        }

        if (toDrop.Remove("RESET"))
        {
            drop.Clear();
        }

        toDrop.ExceptWith(toAdd);
        foreach (var name in toDrop.Where(name => !add.Remove(name)))
        {
            drop.Add(name);
        }

        foreach (var name in toAdd.Where(name => !drop.Remove(name)))
        {
            add.Add(name);
        }

        (add, drop) = (add.Contains("ALL") ? ["ALL"] : add, drop.Contains("ALL") ? ["ALL"] : drop);
        _container.SetList("CapabilityAdd", Words(add.Order(StringComparer.Ordinal)));
        _container.SetList("CapabilityDrop", Words(drop.Order(StringComparer.Ordinal)));
    }

    private void UpdateFiles()
    {
        foreach (var (prefix, flag) in new[] { ("Secret", "secret"), ("Config", "config") })
        {
            if (!_flags.ChangedAny($"{flag}-add", $"{flag}-rm"))
            {
                continue;
            }

            var kept = (_container[$"{prefix}s"] as JsonArray ?? []).Where(item => !_flags.List($"{flag}-rm").Contains((string?)item![$"{prefix}Name"]));
            var added = _references.Resolve(prefix, _flags.List($"{flag}-add").Select(text => FileReference.Parse(text, flag)));
            _container.SetList($"{prefix}s", kept.Concat(added));
        }
    }

    private void UpdateTask()
    {
        if (_flags.ChangedAny("limit-cpu", "limit-memory", "limit-pids", "reserve-cpu", "reserve-memory"))
        {
            var resources = _task.Child("Resources");
            ServiceFlagValues.SetResources(_flags, resources.Child("Limits"), resources.Child("Reservations"));
        }

        UpdateGenericResources();
        if (ServiceFlagValues.RestartPolicy(_flags, _task["RestartPolicy"] as JsonObject) is { Parent: null } restart)
        {
            _task["RestartPolicy"] = restart;
        }

        var placement = _task["Placement"] as JsonObject;
        if (_flags.ChangedAny("constraint-add", "constraint-rm", "placement-pref-add", "placement-pref-rm", "replicas-max-per-node"))
        {
            placement = _task.Child("Placement");
            UpdateList(placement, "Constraints", "constraint-add", "constraint-rm", sort: true);
            UpdatePreferences(placement);
            if (_flags.Changed("replicas-max-per-node"))
            {
                placement["MaxReplicas"] = _flags.UInt("replicas-max-per-node");
            }
        }

        UpdateNetworks();
        if (_flags.Changed("log-driver"))
        {
            _task["LogDriver"] = new JsonObject { ["Name"] = _flags.Text("log-driver"), ["Options"] = KeyValue.ToObject(_flags.List("log-opt")) };
        }
    }

    private void UpdateGenericResources()
    {
        if (!_flags.ChangedAny("generic-resource-add", "generic-resource-rm"))
        {
            return;
        }

        var reservations = _task.Child("Resources").Child("Reservations");
        var resources = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
        foreach (var resource in (reservations["GenericResources"] as JsonArray ?? []).Concat(ServiceFlagValues.GenericResources(_flags.List("generic-resource-add"))))
        {
            resources[(string?)resource!["DiscreteResourceSpec"]?["Kind"] ?? (string?)resource["NamedResourceSpec"]?["Kind"] ?? ""] = resource;
        }

        foreach (var kind in _flags.List("generic-resource-rm"))
        {
            if (!resources.Remove(kind))
            {
                throw new CliException($"could not find generic-resource `{kind}` to remove it");
            }
        }

        reservations.SetList("GenericResources", resources.Values);
    }

    private void UpdatePreferences(JsonObject placement)
    {
        if (!_flags.ChangedAny("placement-pref-add", "placement-pref-rm"))
        {
            return;
        }

        var removed = _flags.List("placement-pref-rm").Select(ServiceFlagValues.Preference).ToList();
        placement.SetList("Preferences", (placement["Preferences"] as JsonArray ?? [])
            .Where(item => !removed.Any(preference => JsonNode.DeepEquals(preference, item)))
            .Concat(_flags.List("placement-pref-add").Select(ServiceFlagValues.Preference)));
    }

    private void UpdateNetworks()
    {
        if (!_flags.ChangedAny("network-add", "network-rm"))
        {
            return;
        }

        // Old specs have their networks on the service; an update moves them to the task.
        var current = (_task["Networks"] as JsonArray ?? _spec["Networks"] as JsonArray ?? []).ToList();
        _spec.Remove("Networks");
        var removed = _flags.List("network-rm").Select(_references.NetworkId).ToHashSet(StringComparer.Ordinal);
        var networks = current.Where(network => !removed.Contains((string?)network!["Target"] ?? "")).ToList();
        foreach (var network in _flags.List("network-add").Select(NetworkParser.Parse))
        {
            var name = (string)network["Target"]!;
            network["Target"] = _references.NetworkId(name);
            if (networks.Any(other => (string?)other!["Target"] == (string?)network["Target"]))
            {
                throw new CliException($"service is already attached to network {name}");
            }

            networks.Add(network);
        }

        _task.SetList("Networks", networks.OrderBy(network => (string?)network!["Target"], StringComparer.Ordinal));
    }

    private void UpdateConfigs()
    {
        foreach (var (name, prefix) in new[] { ("UpdateConfig", "update"), ("RollbackConfig", "rollback") })
        {
            if (ServiceFlagValues.UpdateConfig(_flags, prefix, _spec[name] as JsonObject) is { Parent: null } config)
            {
                _spec[name] = config;
            }
        }
    }

    private void UpdateEndpoint()
    {
        var endpoint = _spec.Child("EndpointSpec");
        if (_flags.Changed("endpoint-mode"))
        {
            endpoint["Mode"] = _flags.Text("endpoint-mode");
        }

        if (!_flags.ChangedAny("publish-add", "publish-rm"))
        {
            return;
        }

        var ports = new Dictionary<string, JsonNode>(StringComparer.Ordinal);
        foreach (var port in endpoint["Ports"] as JsonArray ?? [])
        {
            ports.TryAdd(PortParser.SortKey(port!), port!);
        }

        foreach (var port in _flags.List("publish-rm").SelectMany(PortParser.Parse))
        {
            // By target port and protocol; published port and mode only where they were given.
            foreach (var (key, _) in ports.Where(item => Matches(item.Value, port)).ToList())
            {
                ports.Remove(key);
            }
        }

        foreach (var port in _flags.List("publish-add").SelectMany(PortParser.Parse))
        {
            ports[PortParser.SortKey(port)] = port;
        }

        endpoint.SetList("Ports", ports.OrderBy(item => item.Key, StringComparer.Ordinal).Select(item => item.Value));
    }

    private static bool Matches(JsonNode port, JsonNode pattern) =>
        ((string?)port["Protocol"] ?? "tcp") == (string?)pattern["Protocol"] && (ulong?)port["TargetPort"] == (ulong?)pattern["TargetPort"];

    private void UpdateMap(JsonObject parent, string name, string addFlag, string removeFlag, bool keepEmpty = false)
    {
        if (!_flags.ChangedAny(addFlag, removeFlag))
        {
            return;
        }

        var map = parent.Child(name);
        foreach (var pair in _flags.List(addFlag))
        {
            map[KeyValue.Cut(pair, out var value)] = value ?? "";
        }

        foreach (var key in _flags.List(removeFlag))
        {
            map.Remove(key);
        }

        if (map.Count == 0 && !keepEmpty)
        {
            parent.Remove(name);
        }
    }

    private void UpdateList(JsonObject parent, string name, string addFlag, string removeFlag, bool sort)
    {
        if (!_flags.ChangedAny(addFlag, removeFlag))
        {
            return;
        }

        var items = parent[name].Strings().Concat(_flags.List(addFlag)).Distinct().Where(item => !_flags.List(removeFlag).Contains(item));
        parent.SetList(name, Words(sort ? items.Order(StringComparer.Ordinal) : items));
    }

    private void Text(string flag, string name)
    {
        if (_flags.Changed(flag))
        {
            _container[name] = _flags.Text(flag);
        }
    }

    private void Bool(string flag, string name)
    {
        if (_flags.Changed(flag))
        {
            _container[name] = _flags.IsSet(flag);
        }
    }
}
