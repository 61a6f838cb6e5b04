using System.Net;
using SwarmNet.Dns;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Network;

/// <summary>The resolver configuration of a task: the host's, changed by what the service asks for.</summary>
internal static class TaskResolver
{
    /// <summary>The host's file; a missing one is empty.</summary>
    public static ResolvConf ReadHost(string path)
    {
        try
        {
            return ResolvConf.Parse(File.ReadAllText(path));
        }
        catch (IOException)
        {
            return new ResolvConf([], [], []);
        }
    }

    /// <summary>Parts that the service leaves empty keep the host's. A search list of <c>.</c> is none.</summary>
    public static ResolvConf With(this ResolvConf host, ContainerSpec.Types.DNSConfig? service)
    {
        if (service is null)
        {
            return host;
        }

        var servers = service.Nameservers.Select(s => IPAddress.TryParse(s, out var a) ? a : null).OfType<IPAddress>().ToList();
        return new ResolvConf(
            servers.Count > 0 ? servers : host.Nameservers,
            service.Search.Count > 0 ? [.. service.Search.Where(s => s != ".")] : host.Search,
            service.Options.Count > 0 ? [.. service.Options] : host.Options);
    }

    /// <summary>The file for a task that asks the servers itself.</summary>
    public static string ToText(this ResolvConf conf) => string.Concat(
    [
        .. conf.Nameservers.Select(s => $"nameserver {s}\n"),
        conf.Search.Count > 0 ? $"search {string.Join(' ', conf.Search)}\n" : "",
        conf.Options.Count > 0 ? $"options {string.Join(' ', conf.Options)}\n" : "",
    ]);
}
