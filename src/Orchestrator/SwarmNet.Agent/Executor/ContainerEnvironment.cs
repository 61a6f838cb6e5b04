using System.Net;
using System.Text;
using SwarmNet.Agent.Images;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Executor;

/// <summary>A container's environment variables and hosts file, as Docker makes them.</summary>
internal static class ContainerEnvironment
{
    private const string DefaultPath = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>The image's variables, the service's over them, PATH, HOSTNAME and HOME under them, generic resources.</summary>
    public static IReadOnlyList<string> Of(SwarmTask task, ImageConfig? image, string hostname, string home, Templates templates)
    {
        var variables = new List<string>();
        foreach (var entry in (string[])[DefaultPath, "HOSTNAME=" + hostname, "HOME=" + home, .. image?.Env ?? [], .. Resources(task)])
        {
            Set(variables, entry);
        }

        foreach (var entry in task.Spec.Container.Env)
        {
            Set(variables, templates.Expand(entry));
        }

        return variables;
    }

    /// <summary>/etc/hosts: the standard names, the service's, the container's own.</summary>
    public static string Hosts(ContainerSpec spec, string hostname, IEnumerable<IPAddress> addresses)
    {
        var hosts = new StringBuilder(
            "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\nff00::0\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n");
        foreach (var line in spec.Hosts.Select(h => h.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Where(p => p.Length >= 2))
        {
            hosts.Append(line[0]).Append('\t').Append(line[1]).Append('\n');
        }

        foreach (var address in addresses)
        {
            hosts.Append(address).Append('\t').Append(hostname).Append('\n');
        }

        return hosts.ToString();
    }

    // A name without "=" takes the variable away.
    private static void Set(List<string> variables, string entry)
    {
        var equals = entry.IndexOf('=', StringComparison.Ordinal);
        var prefix = equals < 0 ? entry + "=" : entry[..(equals + 1)];
        var index = variables.FindIndex(v => v.StartsWith(prefix, StringComparison.Ordinal));
        if (index >= 0)
        {
            variables.RemoveAt(index);
        }

        if (equals > 0)
        {
            variables.Insert(index < 0 ? variables.Count : index, entry);
        }
    }

    private static IEnumerable<string> Resources(SwarmTask task) => task.AssignedGenericResources
        .GroupBy(r => r.NamedResourceSpec?.Kind ?? r.DiscreteResourceSpec?.Kind ?? "")
        .Select(g => $"DOCKER_RESOURCE_{g.Key.ToUpperInvariant()}={string.Join(',', g.Select(r => r.NamedResourceSpec?.Value ?? r.DiscreteResourceSpec.Value.ToString()))}");
}
