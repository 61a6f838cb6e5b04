namespace SwarmNet.Perf.DataPlane.Forwarding;

/// <summary>Task to task on another host: our overlay beside a stock engine's.</summary>
internal sealed class StockOverlay : IMeasurement
{
    private const int Rounds = 5;

    public string Words => "forwarding stock";

    public string Note =>
        "The stock engine is measured from task to task only: its virtual addresses and its mesh need IPVS in the kernel that runs this. Ours are beside our own direct path.";

    public IEnumerable<Row> Run()
    {
        string tool = Environment.GetEnvironmentVariable("STOCK_SWARM") ?? throw new InvalidOperationException("STOCK_SWARM names no script that makes stock engines");
        using var stock = new StockSwarm(tool, Environment.GetEnvironmentVariable("REFSWARM_DIR") ?? "/tmp/refswarm");
        using var lab = new ForwardingLab(ForwardingLab.Parts.Direct);
        foreach (Row row in Traffic.Compare("overlay, task to task", lab.Direct, stock.TaskToTask, "stock engine", Rounds))
        {
            yield return row;
        }
    }
}
