using System.Globalization;
using System.Text.Json;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Formatting;
using SwarmNet.Cli.Specs;
using SwarmNet.Cli.Templates;

namespace SwarmNet.Cli.Commands;

/// <summary><c>service ls</c>.</summary>
internal static class ServiceList
{
    private const string Table = "{{.ID}}\t{{.Name}}\t{{.Mode}}\t{{.Replicas}}\t{{.Image}}\t{{.Ports}}";

    private static readonly Dictionary<string, string> s_headers = new()
    {
        ["ID"] = "ID",
        ["Name"] = "NAME",
        ["Mode"] = "MODE",
        ["Replicas"] = "REPLICAS",
        ["Image"] = "IMAGE",
        ["Ports"] = "PORTS",
    };

    public static int Run(Invocation invocation)
    {
        var client = invocation.Context.Client;
        var filters = Filters.FromFlag(invocation.Flags);
        var quiet = invocation.Flags.IsSet("quiet");
        var services = client.Get(quiet ? filters.AppendTo("/services") : filters.AppendTo("/services", ("status", "true"))).Items()
            .OrderBy(service => service.Text("Spec", "Name"), NaturalOrder.Instance).ToList();
        var format = invocation.Flags.Text("format");
        ListFormat.Write(invocation, quiet && ListFormat.IsTable(format) ? "{{.ID}}" : format, Table, s_headers, services.Select(Row));
        return 0;
    }

    private static TemplateRow Row(Json service) => new("*service.serviceContext")
    {
        ["ID"] = GoText.ShortId(service.Text("ID")),
        ["Name"] = service.Text("Spec", "Name"),
        ["Mode"] = Mode(service.At("Spec", "Mode")),
        ["Replicas"] = Replicas(service),
        ["Image"] = ImageName.WithoutDigest(service.Text("Spec", "TaskTemplate", "ContainerSpec", "Image")),
        ["Ports"] = Ports(service.Items("Endpoint", "Ports")),
    };

    private static string Mode(Json mode) =>
        mode.At("Global").Exists ? "global" : mode.At("Replicated").Exists ? "replicated"
        : mode.At("ReplicatedJob").Exists ? "replicated job" : mode.At("GlobalJob").Exists ? "global job" : "";

    private static string Replicas(Json service)
    {
        var mode = service.At("Spec", "Mode");
        var running = service.Number("ServiceStatus", "RunningTasks");
        var desired = service.Number("ServiceStatus", "DesiredTasks");
        var completed = service.Number("ServiceStatus", "CompletedTasks");
        var text = string.Create(CultureInfo.InvariantCulture, $"{running}/{desired}");
        if (mode.At("ReplicatedJob").Exists)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{text} ({completed}/{mode.Number("ReplicatedJob", "TotalCompletions")} completed)");
        }

        if (mode.At("GlobalJob").Exists)
        {
            // A job's tasks that are done are no longer desired: together they are what was asked for.
            return string.Create(CultureInfo.InvariantCulture, $"{text} ({completed}/{desired + completed} completed)");
        }

        var perNode = service.Number("Spec", "TaskTemplate", "Placement", "MaxReplicas");
        return perNode > 0 && mode.At("Replicated").Exists ? string.Create(CultureInfo.InvariantCulture, $"{text} (max {perNode} per node)") : text;
    }

    /// <summary>Ingress ports, neighbours joined: <c>*:8500-8501->85-86/tcp</c>.</summary>
    internal static string Ports(IEnumerable<Json> ports)
    {
        var parts = new List<string>();
        (string Protocol, uint First, uint Last, uint Target, uint TargetLast)? range = null;
        foreach (var port in ports.OrderBy(port => port.Text("Protocol"), StringComparer.Ordinal).ThenBy(port => port.Number("PublishedPort")))
        {
            if (port.Text("PublishMode") is not ("ingress" or ""))
            {
                continue;
            }

            var (protocol, published, target) = (port.Text("Protocol"), (uint)port.Number("PublishedPort"), (uint)port.Number("TargetPort"));
            if (range is { } current && protocol == current.Protocol && unchecked(published - current.Last) <= 1 && unchecked(target - current.TargetLast) <= 1
                && !(current.TargetLast != current.Target && target <= current.TargetLast))
            {
                range = current with { Last = published, TargetLast = target };
                continue;
            }

            Flush();
            range = (protocol, published, published, target, target);
        }

        Flush();
        return string.Join(", ", parts);

        void Flush()
        {
            if (range is { First: > 0 } done)
            {
                parts.Add(string.Create(
                    CultureInfo.InvariantCulture, $"*:{Span(done.First, done.Last)}->{Span(done.Target, done.TargetLast)}/{done.Protocol}"));
            }
        }
    }

    private static string Span(uint first, uint last) =>
        first == last ? first.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{first}-{last}");
}
