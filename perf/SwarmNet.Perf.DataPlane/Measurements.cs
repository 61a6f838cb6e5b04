using SwarmNet.Perf.DataPlane.Forwarding;
using SwarmNet.Perf.DataPlane.Programming;

namespace SwarmNet.Perf.DataPlane;

/// <summary>What is measured, in the order of the table.</summary>
internal static class Measurements
{
    public static readonly IMeasurement[] All =
    [
        new VethPairs(),
        new Peers(),
        new NfTablesVips(),
        new IpvsVips(),
        new Allocations(),
        new VirtualAddresses(),
        new ChangesUnderLoad(),
        new Mesh(),
        new StockOverlay(),
    ];
}
