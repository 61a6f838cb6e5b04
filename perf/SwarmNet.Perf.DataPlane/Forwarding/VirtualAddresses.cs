namespace SwarmNet.Perf.DataPlane.Forwarding;

/// <summary>What a virtual address costs against the backend's own, and 10,000 of them against one.</summary>
internal sealed class VirtualAddresses : IMeasurement
{
    private const int Rounds = 5;

    public string Words => "forwarding vip";

    public IEnumerable<Row> Run()
    {
        using var lab = new ForwardingLab(ForwardingLab.Parts.Services);
        Traffic.ExpectSource(lab.OneService, "10.64.1.2");
        Traffic.ExpectSource(lab.ManyServicesPath, "10.64.1.3");
        foreach (Row row in Traffic.Compare("VIP", lab.OneService, lab.Direct, "the task's address", Rounds))
        {
            yield return row;
        }

        yield return Paired.Run("10,000 VIPs: throughput, 1 stream", "Gbit/s", 1, lowerIsBetter: false, "1 VIP", Rounds,
            () => Traffic.Throughput(lab.ManyServicesPath, 1), () => Traffic.Throughput(lab.OneService, 1));
        yield return Paired.Run("10,000 VIPs: requests, fresh connections", "/s", 1, lowerIsBetter: false, "1 VIP", Rounds,
            () => Traffic.Requests(lab.ManyServicesPath, false), () => Traffic.Requests(lab.OneService, false));
    }
}
