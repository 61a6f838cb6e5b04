using System.Diagnostics;
using System.Globalization;
using System.Text;
using SwarmNet.Linux;
using SwarmNet.Netlink.Ipvs;

namespace SwarmNet.Perf.DataPlane.Programming;

/// <summary>
/// 10,000 virtual addresses with 4 backends each into a fresh namespace, by IPVS, against <c>ipvsadm -R</c> of the same services (its start included). Where the
/// host's kernel has no IPVS, both run in the guest kernel (tests/tools/vm-run.sh): this program starts itself there, and the guest prints the row.
/// </summary>
internal sealed class IpvsVips : IMeasurement
{
    private const int Count = 10_000;
    private const int Backends = 4;

    // The tool takes most of a minute in an emulated processor; nothing closer than twice is to be told apart here, and it is not close.
    private const int Rounds = 1;

    public string Words => "programming vips ipvs";

    public IEnumerable<Row> Run()
    {
        using var lab = new Lab();
        NetworkNamespace probe = lab.Add("probe");
        if (!IpvsSocket.TryOpen(probe, out IpvsSocket? socket))
        {
            yield return RunInGuest();
            yield break;
        }

        socket.Dispose();
        int made = 0;
        string file = Path.Combine(lab.Folder, "services");
        File.WriteAllText(file, Rules());
        yield return Paired.Run(
            "10,000 VIPs × 4 backends, IPVS", "ms", 1, lowerIsBetter: true, "`ipvsadm -R`", Rounds,
            () => InFresh(name => Load(lab[name])), () => InFresh(name => lab.Exec(name, "ipvsadm -R", File.ReadAllText(file))), warmUp: false);

        double InFresh(Action<string> work)
        {
            string name = "n" + made++;
            lab.Add(name);
            double time = Paired.Milliseconds(() => work(name));
            using (IpvsSocket ipvs = IpvsSocket.Open(lab[name]))
            {
                int services = ipvs.GetServices().Count;
                int last = ipvs.GetDestinations(Id(Count - 1)).Count;
                if ((services, last) != (Count, Backends))
                {
                    throw new InvalidOperationException($"{services} services, the last with {last} backends");
                }

                // At once: the namespace would remove them in the background, beside the next round.
                ipvs.Execute(ipvs.NewBatch().Flush());
            }

            lab.Remove(name);
            return time;
        }
    }

    private static IpvsServiceId Id(int i) => IpvsServiceId.Tcp(IpvsAddress.FromIPv4(0x0a010000 + (uint)i), 80);

    private static IpvsAddress Target(int i, int backend) => IpvsAddress.FromIPv4(0x0a000000u + ((uint)(2 + backend) << 16) + (uint)i);

    /// <summary>All of it: socket, family, bytes, kernel, answers.</summary>
    private static void Load(NetworkNamespace ns)
    {
        using IpvsSocket ipvs = IpvsSocket.Open(ns);
        IpvsBatch batch = ipvs.NewBatch(8 * 1024 * 1024);
        for (int i = 0; i < Count; i++)
        {
            IpvsServiceId id = Id(i);
            batch.AddService(new IpvsService(id, IpvsScheduler.RoundRobin));
            for (int backend = 0; backend < Backends; backend++)
            {
                batch.AddDestination(id, new IpvsDestination(Target(i, backend), 80));
            }
        }

        ipvs.Execute(batch);
    }

    private static string Rules()
    {
        var text = new StringBuilder();
        for (int i = 0; i < Count; i++)
        {
            IpvsAddress vip = Id(i).Address;
            text.Append("-A -t ").Append(vip).Append(":80 -s rr\n");
            for (int backend = 0; backend < Backends; backend++)
            {
                text.Append("-a -t ").Append(vip).Append(":80 -r ").Append(Target(i, backend)).Append(":80 -m -w 1\n");
            }
        }

        return text.ToString();
    }

    private static Row RunInGuest()
    {
        var start = new ProcessStartInfo("tests/tools/vm-run.sh", ["--timeout", "900", "--", "dotnet", typeof(IpvsVips).Assembly.Location, "ipvs"])
        {
            RedirectStandardOutput = true,
        };
        using Process guest = Process.Start(start)!;
        string output = guest.StandardOutput.ReadToEnd();
        guest.WaitForExit();

        // | title | ours | the other's ... |, as it prints rows: the ratio is the guest's own.
        string[]? cells = output.Split('\n').FirstOrDefault(static line => line.Contains("IPVS", StringComparison.Ordinal))?.Split('|');
        return guest.ExitCode == 0 && cells is { Length: > 3 }
            ? new Row(
                cells[1].Trim() + ", guest kernel", Number(cells[2]), Number(cells[3]), "ms", 1, LowerIsBetter: true, "`ipvsadm -R`")
            : throw new InvalidOperationException($"the guest ended with {guest.ExitCode}: {output}");

        static double Number(string cell) => double.Parse(cell.Trim().Split(' ')[0], NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture);
    }
}
