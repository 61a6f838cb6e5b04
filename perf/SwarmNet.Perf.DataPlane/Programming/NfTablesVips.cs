using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.NfTables;
using SwarmNet.Overlay.Balancing;

namespace SwarmNet.Perf.DataPlane.Programming;

/// <summary>
/// 10,000 virtual addresses with 4 backends each into a fresh namespace, by nf_tables, against <c>nft -f</c> of the same rules (its start
/// included: a file always starts it); then one change beside 10,000. What was loaded is compared with what was meant, outside of the time.
/// </summary>
internal sealed class NfTablesVips : IMeasurement
{
    private const int Count = 10_000;
    private const int Backends = 4;
    private const int Rounds = 3;
    private const int Changes = 201;
    private const int BalancerChanges = 201;
    private const int SlotElement = 8;

    private static readonly NfTable _plain = new(NfFamily.Ip, "plain");
    private static readonly NfTable _balancer = new(NfFamily.Ip, "swarmnet_balancer");

    public string Words => "programming vips nftables";

    public IEnumerable<Row> Run()
    {
        using var lab = new Lab();
        int made = 0;
        var compared = new HashSet<string>();
        VirtualService[] services = [.. Enumerable.Range(0, Count).Select(static i => new VirtualService(Vip(i), [.. Enumerable.Range(0, Backends).Select(b => new Backend(Target(i, b)))]))];

        // The same rules as text: written by us, and as the tool lists what the balancer makes.
        string plainFile = Path.Combine(lab.Folder, "plain.nft");
        File.WriteAllText(plainFile, PlainText());
        LoadPlain(lab.Add("plain"));
        LoadBalanced(lab.Add("balancer"));
        string balancerFile = Path.Combine(lab.Folder, "balancer.nft");
        // What a rule computes has no type name; the tool takes the map's key from an example.
        File.WriteAllText(balancerFile, lab.Exec("balancer", $"nft list table ip {_balancer.Name}")
            .Replace("type ipv4_addr . mark : ipv4_addr", "typeof ip daddr . numgen inc mod 4 : ip daddr", StringComparison.Ordinal));
        NfTableSnapshot plain = Meant("plain", _plain);
        NfTableSnapshot balanced = Meant("balancer", _balancer);

        Row full = Paired.Run(
            "10,000 VIPs × 4 backends, one nf_tables map", "ms", 1, lowerIsBetter: true, "`nft -f`", Rounds,
            () => InFresh(plain, "plain, ours", name => LoadPlain(lab[name])), () => InFresh(plain, "plain, nft", name => lab.Exec(name, "nft -f " + plainFile)));
        yield return full;
        Row balancedFull = Paired.Run(
            "10,000 services × 4 backends, the balancer's table", "ms", 1, lowerIsBetter: true, "`nft -f`", Rounds,
            () => InFresh(balanced, "balanced, ours", name => LoadBalanced(lab[name])),
            () => InFresh(balanced, "balanced, nft", name => lab.Exec(name, "nft -f " + balancerFile)));
        yield return balancedFull;

        yield return new Row("one backend replaced beside 10,000 VIPs, one nf_tables map", ChangePlain(lab["plain"]), full.Ours, "ms", 0.001, LowerIsBetter: true, "our full load");
        yield return new Row("one service changed beside 10,000, the balancer", ChangeBalanced(lab["balancer"], services), balancedFull.Ours, "ms", 0.001, LowerIsBetter: true, "our full load");

        void LoadBalanced(NetworkNamespace ns)
        {
            using IServiceBalancer balancer = ServiceBalancer.Open(ns);
            balancer.SetServices(services);
        }

        NfTableSnapshot Meant(string name, NfTable table)
        {
            using NetlinkSocket socket = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, lab[name]);
            return Settled(() => NfTableSnapshot.Read(socket, table), static (before, now) => now.DifferencesFrom(before).Count == 0);
        }

        double InFresh(NfTableSnapshot meant, string what, Action<string> work)
        {
            string name = "n" + made++;
            lab.Add(name);
            double time = Paired.Milliseconds(() => work(name));
            using (NetlinkSocket socket = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, lab[name]))
            {
                if (compared.Add(what))
                {
                    // The tool may choose other registers and name types otherwise; all elements must be there.
                    List<NfDifference> Differences()
                    {
                        List<NfDifference> found = NfTableSnapshot.Read(socket, meant.Table).DifferencesFrom(meant);
                        found.RemoveAll(static difference => difference.Object is NfObjectKind.Set or NfObjectKind.Rules);
                        return found;
                    }

                    List<NfDifference> differences = Settled(Differences, static (_, now) => now.Count == 0);
                    if (differences.Count > 0)
                    {
                        throw new InvalidOperationException($"{what}: {differences.Count} differences, the first: {differences[0]}");
                    }
                }

                // At once: the namespace would remove it in the background, beside the next round.
                new NfTablesBatch().DeleteTable(meant.Table).Execute(socket);
            }

            lab.Remove(name);
            return time;
        }
    }

    /// <summary>
    /// The kernel goes on growing a large map after the transaction, and a listing meanwhile leaves elements out or repeats them: what is read counts once it
    /// is as expected.
    /// </summary>
    private static T Settled<T>(Func<T> read, Func<T, T, bool> isSettled)
    {
        T before = read();
        for (int attempt = 0; ; attempt++)
        {
            Thread.Sleep(200);
            T now = read();
            if (isSettled(before, now) || attempt == 25)
            {
                return now;
            }

            before = now;
        }
    }

    private static IPAddress Vip(int i) => new([10, 1, (byte)(i >> 8), (byte)i]);

    private static IPAddress Target(int i, int backend) => new([10, (byte)(2 + backend), (byte)(i >> 8), (byte)i]);

    /// <summary>All of it: socket, bytes, kernel, answer.</summary>
    private static void LoadPlain(NetworkNamespace ns)
    {
        using NetlinkSocket socket = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, ns);
        var batch = new NfTablesBatch(4 * 1024 * 1024);
        batch.AddTable(_plain)
            .AddBaseChain(_plain, "prerouting", NfChainType.Nat, NfHook.Prerouting, NfPriority.DestinationNat)
            .AddBaseChain(_plain, "output", NfChainType.Nat, NfHook.Output, NfPriority.DestinationNat)
            .AddSet(_plain, new NfSet { Name = "slots", Key = NfType.Concat(NfType.Ipv4Address, NfType.Integer(4)), Data = NfType.Ipv4Address });
        foreach (string chain in (ReadOnlySpan<string>)["prerouting", "output"])
        {
            batch.AddRule(_plain, chain).Ipv4Destination(NfRegister.R0).NumberGenerator(NfRegister.R1, Backends, random: false)
                .Lookup("slots", NfRegister.R0, NfRegister.R0).DestinationNat(NfRegister.R0).End();
        }

        NfElements elements = batch.AddElements(_plain, "slots");
        Span<byte> key = stackalloc byte[SlotElement];
        Span<byte> target = stackalloc byte[4];
        for (int i = 0; i < Count; i++)
        {
            for (int slot = 0; slot < Backends; slot++)
            {
                Encode(i, slot, slot, key, target);
                elements.Pair(key, target);
            }
        }

        elements.End();
        batch.Execute(socket);
    }

    private static string PlainText()
    {
        var text = new StringBuilder("table ip plain {\n\tmap slots {\n\t\ttypeof ip daddr . numgen inc mod 4 : ip daddr\n\t\telements = {\n");
        for (int i = 0; i < Count; i++)
        {
            for (int slot = 0; slot < Backends; slot++)
            {
                text.Append(Vip(i)).Append(" . ").Append(slot).Append(" : ").Append(Target(i, slot)).Append(",\n");
            }
        }

        text.Append("}\n}\n");
        foreach (string chain in (ReadOnlySpan<string>)["prerouting", "output"])
        {
            text.Append($"chain {chain} {{\n type nat hook {chain} priority -100;\n dnat to ip daddr . numgen inc mod {Backends} map @slots\n}}\n");
        }

        return text.Append("}\n").ToString();
    }

    private static void Encode(int i, int slot, int backend, Span<byte> key, Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32BigEndian(key, 0x0a010000u + (uint)i);
        MemoryMarshal.Write(key[4..], slot);
        BinaryPrimitives.WriteUInt32BigEndian(target, 0x0a000000u + ((uint)(2 + backend) << 16) + (uint)i);
    }

    /// <summary>Median milliseconds of a transaction that takes a backend out of a service and puts another in.</summary>
    private static double ChangePlain(NetworkNamespace ns)
    {
        using NetlinkSocket socket = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, ns);
        var batch = new NfTablesBatch();
        var times = new double[Changes];
        for (int n = 0; n < Changes; n++)
        {
            int service = n * 37 % Count;
            times[n] = Paired.Milliseconds(() =>
            {
                Span<byte> key = stackalloc byte[SlotElement];
                Span<byte> target = stackalloc byte[4];
                Encode(service, 0, 9, key, target);
                batch.Clear();
                NfElements elements = batch.DeleteElements(_plain, "slots");
                elements.Key(key);
                elements.End();
                elements = batch.AddElements(_plain, "slots");
                elements.Pair(key, target);
                elements.End();
                batch.Execute(socket);
            });
        }

        int found = NfTablesQuery.ListElements(socket, _plain, "slots").Count(static element => element.Data.Span[1] == 2 + 9);
        return found == Changes ? Paired.Median(times) : throw new InvalidOperationException($"{found} changes took effect instead of {Changes}");
    }

    /// <summary>Median milliseconds of a call with all services, one of which has another backend.</summary>
    private static double ChangeBalanced(NetworkNamespace ns, VirtualService[] services)
    {
        using IServiceBalancer balancer = ServiceBalancer.Open(ns);
        balancer.SetServices(services);
        VirtualService[] wanted = [.. services];
        var times = new double[BalancerChanges];

        // What a restart reads back is not the change's garbage.
        GC.Collect();
        for (int n = 0; n < BalancerChanges; n++)
        {
            int service = n * 37 % Count;
            wanted[service] = new VirtualService(Vip(service), [new Backend(Target(service, 9)), .. services[service].Backends.Skip(1)]);
            int changed = 0;
            times[n] = Paired.Milliseconds(() => changed = balancer.SetServices(wanted));
            if (changed == 0)
            {
                throw new InvalidOperationException("the balancer did not see the change");
            }
        }

        return Paired.Median(times);
    }
}
