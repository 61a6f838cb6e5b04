using System.Net;
using System.Net.Sockets;
using SwarmNet.EngineApi;

namespace SwarmNet.Cli.Daemon;

/// <summary>An address of this host on one of its interfaces.</summary>
internal readonly record struct HostAddress(string Interface, IPAddress Address);

/// <summary>
/// Turns the address options of init and join into addresses, as Docker does (moby <c>daemon/cluster/listen_addr.go</c>): each may be
/// an address or an interface's name, with a port; what is not given is found where there is no doubt, and refused where there is.
/// </summary>
internal sealed record NodeAddresses(IPAddress Listen, int ListenPort, IPAddress Advertise, int AdvertisePort, IPAddress DataPath, IPAddress Local)
{
    public const int DefaultPort = 2377;

    public string ListenText => Format(Listen, ListenPort);

    public string AdvertiseText => Format(Advertise, AdvertisePort);

    /// <summary>Throws <see cref="ApiException"/> with status 400 for what cannot be resolved.</summary>
    /// <param name="listenAddr">Empty = every address of the host.</param>
    /// <param name="advertiseAddr">Empty = the one listened on, or <paramref name="towardsManager"/>, or the only one there is.</param>
    /// <param name="dataPathAddr">Empty = the advertised one.</param>
    /// <param name="host">The host's addresses.</param>
    /// <param name="towardsManager">The address by which this host reaches a manager of the swarm that it joins; null = unknown.</param>
    public static NodeAddresses Resolve(string listenAddr, string advertiseAddr, string dataPathAddr, IReadOnlyList<HostAddress> host, IPAddress? towardsManager = null)
    {
        var (listen, listenPort) = ResolveListen(listenAddr, host);
        var (advertise, advertisePort) = ResolveAdvertise(advertiseAddr, listen, listenPort, host, towardsManager);
        var dataPath = dataPathAddr.Length == 0 ? advertise : ResolveDataPath(dataPathAddr, host);
        // The tunnel's own end must be an address of this host even when the advertised one is translated on the way.
        var local = host.Any(h => h.Address.Equals(advertise)) ? advertise
            : !IsUnspecified(listen) ? listen
            : TryTheOnlyAddress(host) ?? throw Invalid("must specify a listening address because the address to advertise is not recognized as a system address, and a system's IP address to use could not be uniquely identified");
        return new NodeAddresses(listen, listenPort, advertise, advertisePort, dataPath, local);
    }

    private static (IPAddress Address, int Port) ResolveListen(string text, IReadOnlyList<HostAddress> host)
    {
        if (text.Length == 0)
        {
            return (IPAddress.Any, DefaultPort);
        }

        var (name, port) = SplitPort(text, "invalid listen address");
        if (name.Length == 0)
        {
            return (IPAddress.Any, port);
        }

        return (IPAddress.TryParse(name, out var address) ? address : OfInterface(name, host) ?? throw Invalid("listen address must be an IP address or network interface (with optional port number)"), port);
    }

    private static (IPAddress Address, int Port) ResolveAdvertise(string text, IPAddress listen, int listenPort, IReadOnlyList<HostAddress> host, IPAddress? towardsManager)
    {
        const string Form = "advertise address must be a non-zero IP address or network interface (with optional port number)";
        if (text.Length > 0)
        {
            var (name, port) = SplitPort(text, Form, listenPort);
            var address = IPAddress.TryParse(name, out var parsed) ? parsed : OfInterface(name, host);
            return address is null || IsUnspecified(address) ? throw Invalid(Form) : (address, port);
        }

        return (!IsUnspecified(listen) ? listen : towardsManager ?? TheOnlyAddress(host), listenPort);
    }

    private static IPAddress ResolveDataPath(string text, IReadOnlyList<HostAddress> host)
    {
        const string Form = "data path address must be a non-zero IP address or network interface";
        var address = IPAddress.TryParse(text, out var parsed) ? parsed : OfInterface(text, host);
        return address is null || IsUnspecified(address) ? throw Invalid(Form) : address;
    }

    private static IPAddress? OfInterface(string name, IReadOnlyList<HostAddress> host)
    {
        // A link-local address is none without its interface.
        var all = host.Where(h => h.Interface == name && !h.Address.IsIPv6LinkLocal).Select(h => h.Address).ToList();
        if (all.Count == 0)
        {
            return null;
        }

        var v4 = all.Where(a => a.AddressFamily == AddressFamily.InterNetwork).ToList();
        return v4.Count switch
        {
            1 => v4[0],
            > 1 => throw Invalid($"interface {name} has more than one IPv4 address ({v4[0]} and {v4[1]})"),
            _ when all.Count == 1 => all[0],
            _ => throw Invalid($"interface {name} has more than one IPv6 address ({all[0]} and {all[1]})"),
        };
    }

    private static IPAddress TheOnlyAddress(IReadOnlyList<HostAddress> host)
    {
        var candidates = Candidates(host);
        return candidates.Count switch
        {
            0 => throw Invalid("could not find the system's IP address - specify one with --advertise-addr"),
            1 => candidates[0].Address,
            _ when candidates[0].Interface == candidates[1].Interface => throw Invalid(
                $"could not choose an IP address to advertise since this system has multiple addresses on interface {candidates[0].Interface} ({candidates[0].Address} and {candidates[1].Address}) - specify one with --advertise-addr"),
            _ => throw Invalid(
                $"could not choose an IP address to advertise since this system has multiple addresses on different interfaces ({candidates[0].Address} on {candidates[0].Interface} and {candidates[1].Address} on {candidates[1].Interface}) - specify one with --advertise-addr"),
        };
    }

    private static IPAddress? TryTheOnlyAddress(IReadOnlyList<HostAddress> host) => Candidates(host) is [var only] ? only.Address : null;

    /// <summary>Bridges that container engines make (this one's included) are never the way to other hosts.</summary>
    private static List<HostAddress> Candidates(IReadOnlyList<HostAddress> host)
    {
        var ipv4 = CandidatesOf(AddressFamily.InterNetwork, host);
        return ipv4.Count > 0 ? ipv4 : CandidatesOf(AddressFamily.InterNetworkV6, host);
    }

    private static List<HostAddress> CandidatesOf(AddressFamily family, IReadOnlyList<HostAddress> host) => host
        .Where(h => h.Address.AddressFamily == family && !IPAddress.IsLoopback(h.Address) && !h.Address.IsIPv6LinkLocal)
        .Where(h => !h.Interface.StartsWith("docker", StringComparison.Ordinal)
            && !h.Interface.StartsWith("swarm_", StringComparison.Ordinal)
            && !h.Interface.StartsWith("br-", StringComparison.Ordinal))
        .ToList();

    private static (string Name, int Port) SplitPort(string text, string error, int defaultPort = DefaultPort)
    {
        if (IPAddress.TryParse(text, out var bare) && (bare.AddressFamily == AddressFamily.InterNetwork || !text.StartsWith('[')))
        {
            return (text, defaultPort);
        }

        var colon = text.LastIndexOf(':');
        if (colon < 0 || text.EndsWith(']'))
        {
            return (text.Trim('[', ']'), defaultPort);
        }

        if (!int.TryParse(text.AsSpan(colon + 1), out var port) || port is < 1 or > 65535)
        {
            throw Invalid(error);
        }

        return (text[..colon].Trim('[', ']'), port);
    }

    private static string Format(IPAddress address, int port) => new IPEndPoint(address, port).ToString();

    private static bool IsUnspecified(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static ApiException Invalid(string message) => new(400, message);
}
