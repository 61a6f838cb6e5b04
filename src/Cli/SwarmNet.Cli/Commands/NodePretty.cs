using System.Text.Json;
using SwarmNet.Cli.Formatting;
using SwarmNet.Cli.Specs;

namespace SwarmNet.Cli.Commands;

/// <summary><c>node inspect --pretty</c>.</summary>
internal static class NodePretty
{
    public static void Write(TextWriter output, Json node)
    {
        output.WriteLine($"ID:\t\t\t{node.Text("ID")}");
        if (node.Text("Spec", "Name") is { Length: > 0 } name)
        {
            output.WriteLine($"Name:\t\t\t{name}");
        }

        WriteLabels(output, "Labels:", node.At("Spec", "Labels"));
        output.WriteLine($"Hostname:              \t{node.Text("Description", "Hostname")}");
        output.WriteLine($"Joined at:             \t{PrettyTime.Format(node.Text("CreatedAt"))}");
        output.WriteLine("Status:");
        output.WriteLine($" State:\t\t\t{GoText.Pretty(node.Text("Status", "State"))}");
        if (node.Text("Status", "Message") is { Length: > 0 } message)
        {
            output.WriteLine($" Message:              \t{message}");
        }

        output.WriteLine($" Availability:         \t{GoText.Pretty(node.Text("Spec", "Availability"))}");
        if (node.Text("Status", "Addr") is { Length: > 0 } address)
        {
            output.WriteLine($" Address:\t\t{address}");
        }

        var manager = node.At("ManagerStatus");
        if (manager.Exists)
        {
            output.WriteLine("Manager Status:");
            output.WriteLine($" Address:\t\t{manager.Text("Addr")}");
            output.WriteLine($" Raft Status:\t\t{GoText.Pretty(manager.Text("Reachability"))}");
            output.WriteLine($" Leader:\t\t{(manager.IsTrue("Leader") ? "Yes" : "No")}");
        }

        WriteDescription(output, node.At("Description"));
    }

    private static void WriteDescription(TextWriter output, Json description)
    {
        output.WriteLine("Platform:");
        output.WriteLine($" Operating System:\t{description.Text("Platform", "OS")}");
        output.WriteLine($" Architecture:\t\t{description.Text("Platform", "Architecture")}");
        output.WriteLine("Resources:");
        output.WriteLine($" CPUs:\t\t\t{description.Number("Resources", "NanoCPUs") / 1_000_000_000}");
        output.WriteLine($" Memory:\t\t{Humanize.BinarySize(description.Number("Resources", "MemoryBytes"))}");
        var plugins = description.Items("Engine", "Plugins").GroupBy(plugin => plugin.Text("Type")).OrderBy(group => group.Key, StringComparer.Ordinal).ToList();
        if (plugins.Count > 0)
        {
            output.WriteLine("Plugins:");
            foreach (var group in plugins)
            {
                output.WriteLine($" {group.Key}:\t\t{string.Join(", ", group.Select(plugin => plugin.Text("Name")))}");
            }
        }

        output.WriteLine($"Engine Version:\t\t{description.Text("Engine", "EngineVersion")}");
        WriteLabels(output, "Engine Labels:", description.At("Engine", "Labels"));
        var tls = description.At("TLSInfo");
        if (tls.Exists)
        {
            output.WriteLine("TLS Info:");
            output.WriteLine($" TrustRoot:\n{tls.Text("TrustRoot")}");
            output.WriteLine($" Issuer Subject:\t{tls.Text("CertIssuerSubject")}");
            output.WriteLine($" Issuer Public Key:\t{tls.Text("CertIssuerPublicKey")}");
        }
    }

    private static void WriteLabels(TextWriter output, string title, Json labels)
    {
        var pairs = labels.Properties().OrderBy(label => label.Name, StringComparer.Ordinal).ToList();
        if (pairs.Count == 0)
        {
            return;
        }

        output.WriteLine(title);
        foreach (var label in pairs)
        {
            output.WriteLine($" - {label.Name}{(label.Value.Text() is { Length: > 0 } value ? "=" + value : "")}");
        }
    }
}
