using System.Diagnostics.Metrics;

namespace SwarmNet.Overlay.Repairs;

/// <summary>Counts repairs: meter <c>SwarmNet.Overlay</c>, counter <c>swarmnet.overlay.repairs</c> with the tag <c>kind</c> (<see cref="Repair.Kind"/>).</summary>
public static class RepairMetrics
{
    /// <summary>Name of the meter.</summary>
    public const string MeterName = "SwarmNet.Overlay";

    private static readonly Meter _meter = new(MeterName);
    private static readonly Counter<long> _repairs = _meter.CreateCounter<long>("swarmnet.overlay.repairs", "{repair}", "Kernel objects that differed from what was wanted and were put right.");

    /// <summary>Counts these.</summary>
    public static void Count(IEnumerable<Repair> repairs)
    {
        foreach (Repair repair in repairs)
        {
            _repairs.Add(1, new KeyValuePair<string, object?>("kind", repair.Kind));
        }
    }
}
