using SwarmNet.Overlay.Balancing;

namespace SwarmNet.Perf.DataPlane.Forwarding;

/// <summary>A client that connects again and again while services change, 10,000 of them present: does it notice?</summary>
internal sealed class ChangesUnderLoad : IMeasurement
{
    private const int Changes = 300;

    // A SYN that gets no answer is sent again after a second; what takes less than this was only waiting for a processor.
    private const double SlowMicroseconds = 500_000;

    public string Words => "forwarding changes";

    public IEnumerable<Row> Run()
    {
        using var lab = new ForwardingLab(ForwardingLab.Parts.Services);
        List<VirtualService> services = ForwardingLab.Services(ForwardingLab.ManyServices - 1);
        var alone = new List<double>();
        var meanwhile = new List<double>();
        TrafficPath path = lab.ManyServicesPath;
        Backend server = services[0].Backends[0];
        Connect(alone, () => { Thread.Sleep(1500); });
        Connect(meanwhile, () =>
        {
            for (int i = 1; i <= Changes; i++)
            {
                // In turn one that nobody asks, and the one that is asked: its weight changes, so that all its slots may.
                services[1 + i] = ForwardingLab.Unasked(i, i);
                services[0] = services[0] with { Backends = [new Backend(server.Ip, 1 + (i % 3))] };
                lab.ManyBalancer.SetServices(services);
                Thread.Sleep(3);
            }
        });
        string during = $"{meanwhile.Count:#,0} connects during {Changes} changes of 10,000 VIPs";
        yield return new Row(during + ": failed", meanwhile.Count(double.IsNaN), null, "connects", 0, LowerIsBetter: true);
        yield return new Row(during + ": slower than 0.5 s", meanwhile.Count(static t => t > SlowMicroseconds), null, "connects", 0, LowerIsBetter: true);
        yield return new Row("the same: median", Percentile(meanwhile, 0.5), Percentile(alone, 0.5), "µs", 1, LowerIsBetter: true, "without changes");

        static double Percentile(List<double> times, double share) => ConnectLoop.Percentile([.. times.Where(static t => !double.IsNaN(t)).Order()], share);

        void Connect(List<double> times, Action during)
        {
            using var stop = new CancellationTokenSource();
            var client = new Thread(() => ConnectLoop.Run(path.From, path.Address, path.HttpPort, times, () => !stop.IsCancellationRequested));
            client.Start();
            try
            {
                during();
            }
            finally
            {
                stop.Cancel();
                client.Join();
            }
        }
    }
}
