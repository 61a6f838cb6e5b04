using System.Globalization;
using System.Net;
using System.Text;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Perf.DataPlane.Programming;

/// <summary>10,000 remote endpoints: forwarding entries and neighbours of a vxlan device, against one batch of each tool.</summary>
internal sealed class Peers : IMeasurement
{
    private const int Count = 10_000;
    private const int Rounds = 7;

    public string Words => "programming peers fdb neighbours";

    public IEnumerable<Row> Run()
    {
        using var lab = new Lab();
        string fdb = Path.Combine(lab.Folder, "fdb");
        string neighbours = Path.Combine(lab.Folder, "neighbours");
        File.WriteAllText(fdb, Lines(static (ip, mac, vtep) => $"fdb replace {mac} dev vx0 dst {vtep} self permanent\n"));
        File.WriteAllText(neighbours, Lines(static (ip, mac, _) => $"neigh replace {ip} lladdr {mac} dev vx0 nud permanent\n"));
        int made = 0;
        yield return Paired.Run(
            "10,000 forwarding entries", "ms", 1, lowerIsBetter: true, "`bridge -batch`", Rounds,
            () => InFresh((name, link) => Ours(name, batch => Each((ip, mac, vtep) => batch.ReplaceFdb(new FdbEntry { Link = link, Address = mac, Remote = vtep }))), fdb: true),
            () => InFresh((name, _) => lab.Exec(name, "bridge -batch " + fdb), fdb: true));
        yield return Paired.Run(
            "10,000 neighbours", "ms", 1, lowerIsBetter: true, "`ip -batch`", Rounds,
            () => InFresh((name, link) => Ours(name, batch => Each((ip, mac, vtep) => batch.ReplaceNeighbour(new NeighbourEntry { Link = link, Address = ip, LinkLayerAddress = mac }))), fdb: false),
            () => InFresh((name, _) => lab.Exec(name, "ip -batch " + neighbours), fdb: false));

        // All of it: socket, objects, bytes, answers.
        void Ours(string name, Action<RtnetlinkBatch> fill)
        {
            using Rtnetlink route = Rtnetlink.Open(lab[name]);
            var batch = new RtnetlinkBatch();
            fill(batch);
            route.Execute(batch);
        }

        double InFresh(Action<string, int> work, bool fdb)
        {
            string name = "n" + made++;
            lab.Add(name);
            using Rtnetlink route = Rtnetlink.Open(lab[name]);
            route.Execute(new RtnetlinkBatch().AddLink(new VxlanSpec { Name = "vx0", Vni = 42, Learning = false, Local = IPAddress.Parse("192.0.2.1"), Up = true }));
            int link = route.GetLink("vx0").Index;
            double time = Paired.Milliseconds(() => work(name, link));
            int found = fdb
                ? route.GetFdb(link).Count(static entry => entry.Remote is not null)
                : route.GetNeighbours(link).Count(static entry => entry.State == NeighbourState.Permanent);
            route.Execute(new RtnetlinkBatch().DeleteLink("vx0"));
            lab.Remove(name);
            return found == Count ? time : throw new InvalidOperationException($"{found} entries instead of {Count}");
        }
    }

    private static void Each(Action<IPAddress, MacAddress, IPAddress> act)
    {
        for (int i = 0; i < Count; i++)
        {
            var ip = new IPAddress([10, 1, (byte)(i >> 8), (byte)i]);
            act(ip, MacAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"02:42:0a:01:{i >> 8:x2}:{i & 255:x2}")), new IPAddress([192, 0, 2, (byte)(2 + (i % 250))]));
        }
    }

    private static string Lines(Func<IPAddress, MacAddress, IPAddress, string> line)
    {
        var text = new StringBuilder();
        Each((ip, mac, vtep) => text.Append(line(ip, mac, vtep)));
        return text.ToString();
    }
}
