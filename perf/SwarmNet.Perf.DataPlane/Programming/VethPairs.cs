using System.Text;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Perf.DataPlane.Programming;

/// <summary>1,000 veth pairs into a fresh namespace, against one <c>ip -batch</c> (its start included: a batch always starts it).</summary>
internal sealed class VethPairs : IMeasurement
{
    private const int Count = 1000;
    private const int Rounds = 3;

    public string Words => "programming links veth";

    public IEnumerable<Row> Run()
    {
        using var lab = new Lab();
        string file = Path.Combine(lab.Folder, "batch");
        var text = new StringBuilder();
        for (int i = 0; i < Count; i++)
        {
            text.Append("link add a").Append(i).Append(" type veth peer name b").Append(i).Append('\n');
        }

        File.WriteAllText(file, text.ToString());
        int made = 0;
        yield return Paired.Run("1,000 veth pairs", "ms", 1, lowerIsBetter: true, "`ip -batch`", Rounds, Ours, Tool);

        double Ours() => InFresh(name =>
        {
            using Rtnetlink route = Rtnetlink.Open(lab[name]);
            var batch = new RtnetlinkBatch();
            for (int i = 0; i < Count; i++)
            {
                batch.AddLink(new VethSpec { Name = "a" + i, Peer = new VethPeer { Name = "b" + i } });
            }

            route.Execute(batch);
        });

        double Tool() => InFresh(name => lab.Exec(name, "ip -batch " + file));

        double InFresh(Action<string> work)
        {
            string name = "n" + made++;
            lab.Add(name);
            double time = Paired.Milliseconds(() => work(name));
            int links = lab.Exec(name, "ip -o link").Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
            lab.Remove(name);
            return links == (2 * Count) + 1 ? time : throw new InvalidOperationException($"{links} links instead of {(2 * Count) + 1}");
        }
    }
}
