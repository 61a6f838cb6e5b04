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
        IEnumerable<Row> rows = Traffic.Compare("mesh, by another host", lab.MeshOtherHost, lab.Routed, "same way, routed", Rounds)
            .Concat(Traffic.Compare("mesh, by the task's host", lab.MeshOwnHost, lab.HostProcess, "process of the host", Rounds));
        foreach (Row row in rows)
        {
            yield return row;
        }
    }
}
