using System.Text.Json;
using SwarmNet.Cli.Formatting;
using SwarmNet.Cli.Specs;

namespace SwarmNet.Cli.Commands;

/// <summary><c>service inspect --pretty</c>. The odd mix of tabs and blanks is Docker's.</summary>
internal sealed class ServicePretty
{
    private readonly TextWriter _out;
    private readonly Json _service;
    private readonly Json _spec;
    private readonly Json _container;
    private readonly Names _names;
    private readonly DateTimeOffset _now;

    public ServicePretty(TextWriter output, Json service, Names names, DateTimeOffset now)
    {
        _out = output;
        _service = service;
        _spec = service.At("Spec");
        _container = _spec.At("TaskTemplate", "ContainerSpec");
        _names = names;
        _now = now;
    }

    public void Write()
    {
        Line($"\nID:\t\t{_service.Text("ID")}");
        Line($"Name:\t\t{_spec.Text("Name")}");
        var labels = Sorted(_spec.At("Labels"));
        if (labels.Count > 0)
        {
            Line("Labels:");
            labels.ForEach(label => Line($" {label.Name}={label.Value.Text()}"));
        }

        var mode = _spec.At("Mode");
        Line("Service Mode:" + (mode.At("Global").Exists ? "\tGlobal" : mode.At("Replicated").Exists ? "\tReplicated" : ""));
        if (mode.At("Replicated").Exists)
        {
            Line($" Replicas:\t{mode.Number("Replicated", "Replicas")}");
        }

        WriteUpdateStatus();
        WritePlacement();
        WriteUpdateConfig("UpdateConfig", "Update order:      ");
        WriteUpdateConfig("RollbackConfig", "Rollback order:    ");
        WriteContainer();
        WriteFiles("Configs", "ConfigName");
        WriteFiles("Secrets", "SecretName");
        WriteLogDriver();
        WriteResources();
        var networks = _spec.Items("TaskTemplate", "Networks").Concat(_spec.Items("Networks"))
            .Select(network => _names.Network(network.Text("Target"))).Distinct().ToList();
        if (networks.Count > 0)
        {
            Line($"Networks:{string.Concat(networks.Select(network => " " + network))} ");
        }

        Line($"Endpoint Mode:\t{_spec.Text("EndpointSpec", "Mode")}");
        WritePorts();
        WriteHealthcheck();
    }

    private static List<JsonMember> Sorted(Json map) => [.. map.Properties().OrderBy(property => property.Name, StringComparer.Ordinal)];

    private void Line(string text) => _out.Write(text + "\n");

    private void WriteUpdateStatus()
    {
        var status = _service.At("UpdateStatus");
        if (status.Text("State").Length == 0)
        {
            return;
        }

        Line("UpdateStatus:");
        Line($" State:\t\t{status.Text("State")}");
        if (status.At("StartedAt").Exists)
        {
            Line($" Started:\t{PrettyTime.Ago(status.Time("StartedAt"), _now)}");
        }

        if (status.Text("State") == "completed" && status.At("CompletedAt").Exists)
        {
            Line($" Completed:\t{PrettyTime.Ago(status.Time("CompletedAt"), _now)}");
        }

        Line($" Message:\t{status.Text("Message")}");
    }

    private void WritePlacement()
    {
        Line("Placement:");
        var placement = _spec.At("TaskTemplate", "Placement");
        var constraints = placement.Items("Constraints").Select(item => item.Text()).ToList();
        if (constraints.Count > 0)
        {
            Line($" Constraints:\t[{string.Join(' ', constraints)}]");
        }

        var preferences = placement.Items("Preferences").Where(item => item.At("Spread").Exists)
            .Select(item => "spread=" + item.Text("Spread", "SpreadDescriptor")).ToList();
        if (preferences.Count > 0)
        {
            Line($" Preferences:   [{string.Join(' ', preferences)}]");
        }

        if (placement.Number("MaxReplicas") > 0)
        {
            Line($" Max Replicas Per Node:   {placement.Number("MaxReplicas")}");
        }
    }

    private void WriteUpdateConfig(string name, string orderTitle)
    {
        var config = _spec.At(name);
        if (!config.Exists)
        {
            return;
        }

        Line($"{name}:");
        Line($" Parallelism:\t{config.Number("Parallelism")}");
        if (config.Number("Delay") != 0)
        {
            Line($" Delay:\t\t{GoDuration.Format(config.Number("Delay"))}");
        }

        Line($" On failure:\t{config.Text("FailureAction")}");
        if (config.Number("Monitor") != 0)
        {
            Line($" Monitoring Period: {GoDuration.Format(config.Number("Monitor"))}");
        }

        Line($" Max failure ratio: {GoText.Float(config.At("MaxFailureRatio") is { ValueKind: JsonValueKind.Number } ratio ? ratio.Element.GetDouble() : 0)}");
        if (config.Text("Order").Length > 0)
        {
            Line($" {orderTitle}{config.Text("Order")}");
        }
    }

    private void WriteContainer()
    {
        Line("ContainerSpec:");
        Line($" Image:\t\t{_container.Text("Image")}");
        Words(" Args:\t\t", "Args");
        Words(" Env:\t\t", "Env");
        if (_container.Text("Dir").Length > 0)
        {
            Line($" Dir:\t\t{_container.Text("Dir")}");
        }

        if (_container.At("Init").Exists)
        {
            Line($" Init:\t\t{(_container.IsTrue("Init") ? "true" : "false")}");
        }

        if (_container.Text("User").Length > 0)
        {
            Line($" User: {_container.Text("User")}");
        }

        var add = _container.Items("CapabilityAdd").Select(item => item.Text()).ToList();
        var drop = _container.Items("CapabilityDrop").Select(item => item.Text()).ToList();
        if (add.Count + drop.Count > 0)
        {
            Line("Capabilities:");
            if (add.Count > 0)
            {
                Line($" Add: {string.Join(", ", add)}");
            }

            if (drop.Count > 0)
            {
                Line($" Drop: {string.Join(", ", drop)}");
            }
        }

        var sysctls = Sorted(_container.At("Sysctls"));
        if (sysctls.Count > 0)
        {
            Line("SysCtls:");
            sysctls.ForEach(item => Line($" {item.Name}: {item.Value.Text()}"));
        }

        var ulimits = _container.Items("Ulimits").OrderBy(item => item.Text("Name"), StringComparer.Ordinal).ToList();
        if (ulimits.Count > 0)
        {
            Line("Ulimits:");
            ulimits.ForEach(item => Line($" {item.Text("Name")}: {item.Number("Soft")}:{item.Number("Hard")}"));
        }

        var mounts = _container.Items("Mounts").ToList();
        if (mounts.Count > 0)
        {
            Line("Mounts:");
            mounts.ForEach(mount => Line(
                $" Target:\t{mount.Text("Target")}\n  Source:\t{mount.Text("Source")}\n  ReadOnly:\t{(mount.IsTrue("ReadOnly") ? "true" : "false")}\n  Type:\t\t{mount.Text("Type")}"));
        }
    }

    private void Words(string title, string name)
    {
        var words = _container.Items(name).Select(item => item.Text() + " ").ToList();
        if (words.Count > 0)
        {
            Line(title + string.Concat(words));
        }
    }

    private void WriteFiles(string kind, string nameField)
    {
        var files = _container.Items(kind).ToList();
        if (files.Count == 0)
        {
            return;
        }

        Line($"{kind}:");
        files.ForEach(file => Line($" Target:\t{file.Text("File", "Name")}\n  Source:\t{file.Text(nameField)}"));
    }

    private void WriteLogDriver()
    {
        var driver = _spec.At("TaskTemplate", "LogDriver");
        if (!driver.Exists)
        {
            return;
        }

        Line($"Log Driver:\n Name:\t\t{driver.Text("Name")}");
        var options = Sorted(driver.At("Options"));
        if (options.Count > 0)
        {
            Line(" LogOpts:");
            options.ForEach(option => Line($"  {option.Name}:       {option.Value.Text()}"));
        }

        Line("");
    }

    private void WriteResources()
    {
        var resources = _spec.At("TaskTemplate", "Resources");
        if (!resources.Exists)
        {
            return;
        }

        Line("Resources:");
        foreach (var (title, part) in new[] { ("Reservations", resources.At("Reservations")), ("Limits", resources.At("Limits")) })
        {
            var (cpus, memory, pids) = (part.Number("NanoCPUs"), part.Number("MemoryBytes"), part.Number("Pids"));
            if (cpus == 0 && memory == 0 && pids == 0)
            {
                continue;
            }

            Line($" {title}:");
            if (cpus != 0)
            {
                Line($"  CPU:\t\t{GoText.Float(cpus / 1e9)}");
            }

            if (memory != 0)
            {
                Line($"  Memory:\t{Humanize.BinarySize(memory)}");
            }

            if (pids != 0)
            {
                Line($"  PIDs:\t\t{pids}");
            }
        }
    }

    private void WritePorts()
    {
        var ports = _service.Items("Endpoint", "Ports").ToList();
        if (ports.Count == 0)
        {
            return;
        }

        Line("Ports:");
        for (var i = 0; i < ports.Count; i++)
        {
            var port = ports[i];
            Line($" PublishedPort = {port.Number("PublishedPort")}\n  Protocol = {port.Text("Protocol")}\n  TargetPort = {port.Number("TargetPort")}");
            Line($"  PublishMode = {port.Text("PublishMode")}{(i == ports.Count - 1 ? " " : "")}");
        }
    }

    private void WriteHealthcheck()
    {
        var check = _container.At("Healthcheck");
        if (!check.Exists)
        {
            return;
        }

        Line($" Healthcheck:\n  Interval = {GoDuration.Format(check.Number("Interval"))}\n  Retries = {check.Number("Retries")}");
        Line($"  StartPeriod =\t{GoDuration.Format(check.Number("StartPeriod"))}\n  Timeout =\t{GoDuration.Format(check.Number("Timeout"))}");
        var tests = check.Items("Test").ToList();
        if (tests.Count > 0)
        {
            Line("  Tests:");
            for (var i = 0; i < tests.Count; i++)
            {
                Line($"\t Test = {tests[i].Text()}{(i == tests.Count - 1 ? " " : "")}");
            }
        }
    }
}
