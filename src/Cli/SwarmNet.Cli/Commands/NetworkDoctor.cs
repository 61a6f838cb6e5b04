using System.Text.Json.Nodes;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Specs;

namespace SwarmNet.Cli.Commands;

/// <summary><c>swarm network doctor</c>: not Docker's.</summary>
internal static class NetworkDoctor
{
    private const string Path = "/swarmnet/network/doctor";

    /// <summary>0 when all is as it should be, or is again; 1 when something differs.</summary>
    public static int Run(Invocation invocation)
    {
        var context = invocation.Context;
        var repair = invocation.Flags.IsSet("repair");
        var report = repair ? context.Client.Post(Path, new JsonObject()) : context.Client.Get(Path);
        var findings = report.At("Findings").Items().ToList();
        var left = findings.Count(f => !f.IsTrue("Repaired"));
        if (!invocation.Flags.IsSet("quiet"))
        {
            context.Out.Write($"node {report.Text("Hostname")}: {report.Number("Sandboxes")} task namespaces\n");
            foreach (var network in report.At("Networks").Items())
            {
                context.Out.Write(
                    $"network {network.Text("Name")}: {network.Number("LocalEndpoints")} endpoints here, {network.Number("RemoteEndpoints")} on other nodes\n");
            }
        }

        foreach (var finding in findings)
        {
            var outcome = finding.IsTrue("Repaired") ? "repaired" : "differs";
            context.Out.Write($"{outcome}: {finding.Text("Scope")}: {finding.Text("Object")} {finding.Text("Difference")}\n");
        }

        if (!invocation.Flags.IsSet("quiet"))
        {
            context.Out.Write(findings.Count == 0 ? "all is as it should be\n"
                : left == 0 ? "all is as it should be again\n"
                : repair ? $"{left} of {findings.Count} differences are left\n"
                : $"{(left == 1 ? "1 difference" : $"{left} differences")} (to put right what differs: swarm network doctor --repair)\n");
        }

        return left == 0 ? 0 : 1;
    }
}
