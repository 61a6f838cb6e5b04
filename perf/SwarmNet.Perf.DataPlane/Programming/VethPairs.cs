using System.Text;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Perf.DataPlane.Programming;

/// <summary>1,000 veth pairs into a fresh namespace, against one <c>ip -batch</c> (its start included: a batch always starts it).</summary>
internal sealed class VethPairs : IMeasurement
{
    private const int Count = 1000;
    private const int Rounds = 5;
    private const int Group = 7;

    public string Words => "programming links veth";

    public IEnumerable<Row> Run()
    {
        using var lab = new Lab();
        string file = Path.Combine(lab.Folder, "batch");
        var text = new StringBuilder();
        for (int i = 0; i < Count; i++)
        {
            text.Append("link add a").Append(i).Append(" group 7 type veth peer name b").Append(i).Append(" group 7\n");
        }

        File.WriteAllText(file, text.ToString());
        int made = 0;
        double Tool() => InFresh(name => lab.Exec(name, "ip -batch " + file));
        yield return Paired.Run("1,000 veth pairs, the same requests", "ms", 1, lowerIsBetter: true, "`ip -batch`", Rounds, () => Ours(null), Tool);
        yield return Paired.Run("1,000 veth pairs as overlays make them (one queue reserved)", "ms", 1, lowerIsBetter: true, "`ip -batch`", Rounds, () => Ours(1), Tool);

        double Ours(int? queues) => InFresh(name =>
        {
            using Rtnetlink route = Rtnetlink.Open(lab[name]);
            var batch = new RtnetlinkBatch();
            for (int i = 0; i < Count; i++)
            {
                batch.AddLink(new VethSpec
                {
                    Name = "a" + i,
                    Group = Group,
                    Queues = queues,
                    Peer = new VethPeer { Name = "b" + i, Group = Group, Queues = queues },
                });
            }

            route.Execute(batch);
        });

        double InFresh(Action<string> work)
        {
            string name = "n" + made++;
            lab.Add(name);
            double time = Paired.Milliseconds(() => work(name));
            using (Rtnetlink route = Rtnetlink.Open(lab[name]))
            {
                int links = route.GetLinks().Count(static link => link.Kind == "veth");
                // At once: the namespace would remove them in the background, beside the next round.
                route.Execute(new RtnetlinkBatch().DeleteGroup(Group));
                lab.Remove(name);
                return links == 2 * Count ? time : throw new InvalidOperationException($"{links} links instead of {2 * Count}");
            }
        }
    }
}
