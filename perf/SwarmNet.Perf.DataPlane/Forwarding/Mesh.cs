namespace SwarmNet.Perf.DataPlane.Forwarding;

/// <summary>What a published port costs an outside client.</summary>
internal sealed class Mesh : IMeasurement
{
    private const int Rounds = 5;

    public string Words => "forwarding mesh";

    public string Note =>
        "Same way, routed: from the client by way of the same host, over another overlay network to the same task, translated by nobody. "
        + "Process of the host: the server runs in the host's own namespace, without a container network at all.";

    public IEnumerable<Row> Run()
    {
        using var lab = new ForwardingLab(ForwardingLab.Parts.Mesh);
        Traffic.ExpectSource(lab.MeshOtherHost, "10.99.0.50");
        Traffic.ExpectSource(lab.MeshOwnHost, "10.99.0.50");
        IEnumerable<Row> rows = Traffic.Compare("mesh, by another host", lab.MeshOtherHost, lab.RoutedOtherHost, "same way, routed", Rounds)
            .Concat(Traffic.Compare("mesh, by the task's host", lab.MeshOwnHost, lab.RoutedOwnHost, "same way, routed", Rounds));
        foreach (Row row in rows)
        {
            yield return row;
        }

        yield return Paired.Run("mesh, by the task's host: throughput, 1 stream", "Gbit/s", 1, lowerIsBetter: false, "process of the host", Rounds,
            () => Traffic.Throughput(lab.MeshOwnHost, 1), () => Traffic.Throughput(lab.HostProcess, 1));
        yield return Paired.Run("mesh, by the task's host: requests, fresh connections", "/s", 1, lowerIsBetter: false, "process of the host", Rounds,
            () => Traffic.Requests(lab.MeshOwnHost, false), () => Traffic.Requests(lab.HostProcess, false));
    }
}
