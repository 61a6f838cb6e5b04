using SwarmNet.Linux;

namespace SwarmNet.Perf.DataPlane.Forwarding;

/// <summary>Where clients start and what they connect to.</summary>
/// <param name="From">Clients' namespace.</param>
/// <param name="NsPath">The same, as a path for tools.</param>
/// <param name="Address">Destination.</param>
/// <param name="HttpPort">Port at which the web server is reached there.</param>
/// <param name="BulkPort">Port at which the throughput server is reached there.</param>
internal sealed record TrafficPath(NetworkNamespace From, string NsPath, string Address, int HttpPort = Servers.HttpPort, int BulkPort = Servers.BulkPort);
