using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Sockets;

namespace SwarmNet.EngineApi.Client;

/// <summary>Where an engine listens: <c>unix:///path</c> or <c>tcp://host:port</c> (2375 when no port is given).</summary>
/// <param name="Scheme"><c>unix</c> or <c>tcp</c>.</param>
/// <param name="Address">The socket's path, or the host name or address.</param>
/// <param name="Port">TCP port; 0 for a unix socket.</param>
public readonly record struct EngineHost(string Scheme, string Address, int Port)
{
    /// <summary>The daemon's own socket, where a client looks when nothing else is said.</summary>
    public static EngineHost Default { get; } = new("unix", "/run/swarmnet/swarm.sock", 0);

    /// <summary>Reads a host as Docker's <c>-H</c> takes it.</summary>
    /// <param name="text">Such as <c>unix:///run/swarmnet/swarm.sock</c>, <c>tcp://10.0.0.1:2375</c> or <c>/run/swarmnet/swarm.sock</c>.</param>
    /// <param name="host">The host read.</param>
    /// <param name="error">What was wrong with the text, as one sentence; null on success.</param>
    public static bool TryParse(string text, out EngineHost host, [NotNullWhen(false)] out string? error)
    {
        host = Default;
        error = null;
        if (text.StartsWith('/'))
        {
            host = new EngineHost("unix", text, 0);
            return true;
        }

        var separator = text.IndexOf("://", StringComparison.Ordinal);
        if (separator < 0)
        {
            error = $"unable to parse docker host `{text}`";
            return false;
        }

        var scheme = text[..separator];
        var rest = text[(separator + 3)..];
        switch (scheme)
        {
            case "unix":
                host = rest.Length == 0 ? Default : new EngineHost("unix", rest, 0);
                return true;
            case "tcp" or "http":
                return TryParseTcp(rest, out host, out error);
            default:
                error = $"unsupported host `{text}`: only unix:// and tcp:// hosts can be reached";
                return false;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Scheme == "unix" ? $"unix://{Address}" : $"tcp://{Address}:{Port}";

    /// <summary>Connects; throws <see cref="IOException"/> with what was wrong.</summary>
    internal Stream Connect() => Scheme == "unix" ? UnixStream.Connect(Address) : ConnectTcp(Address, Port);

    // Apart, so that nothing of System.Net.Sockets is loaded for a unix socket.
    private static NetworkStream ConnectTcp(string address, int port)
    {
        var tcp = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            tcp.Connect(address, port);
            return new NetworkStream(tcp, ownsSocket: true);
        }
        catch (SocketException error)
        {
            tcp.Dispose();
            throw new IOException(error.Message, error);
        }
    }

    private static bool TryParseTcp(string rest, out EngineHost host, [NotNullWhen(false)] out string? error)
    {
        rest = rest.TrimEnd('/');
        var address = rest;
        var port = 2375;
        var colon = rest.LastIndexOf(':');
        if (colon > rest.LastIndexOf(']'))
        {
            address = rest[..colon];
            if (!int.TryParse(rest.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is 0 or > 65535)
            {
                host = Default;
                error = $"invalid port in docker host `tcp://{rest}`: it must be between 1 and 65535";
                return false;
            }
        }

        host = new EngineHost("tcp", address.Length == 0 ? "127.0.0.1" : address.Trim('[', ']'), port);
        error = null;
        return true;
    }
}
