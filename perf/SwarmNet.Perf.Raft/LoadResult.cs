namespace SwarmNet.Perf.Raft;

/// <summary>What a load showed.</summary>
/// <param name="WritesPerSecond">Acknowledged.</param>
/// <param name="ProcessorMicroseconds">Of all members together, per write.</param>
/// <param name="Fsyncs">Of all members together, per write.</param>
/// <param name="P99Milliseconds">The latency that one write in a hundred exceeds.</param>
internal sealed record LoadResult(double WritesPerSecond, double ProcessorMicroseconds, double Fsyncs, double P99Milliseconds);
