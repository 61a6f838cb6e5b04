using System.Net;
using System.Net.Sockets;
using SwarmNet.Linux;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Netlink.Ipvs;

/// <summary>Our services as <c>ipvsadm</c> lists them, and its as we list them.</summary>
[GuestFixture]
public sealed class IpvsKernelTests
{
    private static readonly IpvsAddress _vip = IPAddress.Parse("10.0.0.1");
    private static readonly IpvsServiceId _web = IpvsServiceId.Tcp(_vip, 80);

    private TestNamespace _host = null!;
    private IpvsSocket _ipvs = null!;

    [SetUp]
    public void Open()
    {
        _host = new TestNamespace();
        _ipvs = IpvsSocket.Open(_host.Namespace);
    }

    [TearDown]
    public void Close()
    {
        _ipvs?.Dispose();
        _host?.Dispose();
    }

    [Test]
    public void Services_and_destinations_are_what_the_tool_lists()
    {
        IpvsServiceId six = IpvsServiceId.Udp(IPAddress.Parse("fd00::1"), 53);
        IpvsServiceId mark = IpvsServiceId.ByMark(7);
        IpvsServiceId sctp = IpvsServiceId.ByAddress(132, _vip, 9);
        IpvsServiceId mark6 = IpvsServiceId.ByMark(7, ipv6: true);
        IpvsService[] services =
        [
            new(_web, IpvsScheduler.SourceHash) { Flags = IpvsServiceFlags.HashFallback | IpvsServiceFlags.HashPort, PersistenceSeconds = 360, PersistencePrefixLength = 24 },
            new(six, IpvsScheduler.RoundRobin) { Flags = IpvsServiceFlags.OnePacket },
            new(mark, IpvsScheduler.MaglevHash) { PersistenceSeconds = IpvsService.DefaultPersistenceSeconds },
            new(mark6, IpvsScheduler.WeightedLeastConnection) { PersistenceSeconds = 10, PersistencePrefixLength = 64 },
            new(sctp, IpvsScheduler.NeverQueue),
        ];
        (IpvsServiceId Service, IpvsDestination Destination)[] destinations =
        [
            (_web, new(IPAddress.Parse("10.0.0.2"), 8080, 3)),
            (_web, new(IPAddress.Parse("10.0.0.3"), 80, 0) { Forwarding = IpvsForwarding.DirectRoute }),
            (six, new(IPAddress.Parse("fd00::2"), 53)),
            (mark, new(IPAddress.Parse("10.0.0.4"), 0, 100)),
            (mark, new(IPAddress.Parse("10.0.0.5"), 0) { Forwarding = IpvsForwarding.Tunnel, Tunnel = new IpvsTunnel(IpvsTunnelType.Gue, 6080, 1) }),
            (mark6, new(IPAddress.Parse("fd00::9"), 0)),
        ];
        IpvsBatch batch = _ipvs.NewBatch();
        foreach (IpvsService service in services)
        {
            batch.AddService(service);
        }

        foreach ((IpvsServiceId service, IpvsDestination destination) in destinations)
        {
            batch.AddDestination(service, destination);
        }

        _ipvs.Execute(batch);

        string saved = _host.Exec("ipvsadm", "-Sn"); // leaves out thresholds
        Assert.That(Lines(saved), Is.EquivalentTo(new[]
        {
            "-A -t 10.0.0.1:80 -s sh -p 360 -M 255.255.255.0 -b sh-fallback,sh-port",
            "-a -t 10.0.0.1:80 -r 10.0.0.2:8080 -m -w 3",
            "-a -t 10.0.0.1:80 -r 10.0.0.3:80 -g -w 0",
            "-A -u [fd00::1]:53 -s rr -o",
            "-a -u [fd00::1]:53 -r [fd00::2]:53 -m -w 1",
            "-A -f 7 -s mh -p 300",
            "-a -f 7 -r 10.0.0.4:0 -m -w 100",
            "-a -f 7 -r 10.0.0.5:0 -i -w 1 --tun-type gue --tun-port 6080 --tun-csum",
            "-A -f 7 -6 -s wlc -p 10 -M 64",
            "-a -f 7 -6 -r [fd00::9]:0 -m -w 1",
            "-A --sctp-service 10.0.0.1:9 -s nq",
        }));
        Assert.That(_ipvs.GetServices().Select(s => s.Service), Is.EquivalentTo(services));
        foreach (IpvsService service in services)
        {
            Assert.That(_ipvs.FindService(service.Id)!.Value.Service, Is.EqualTo(service));
            Assert.That(
                _ipvs.GetDestinations(service.Id).Select(d => d.Destination),
                Is.EquivalentTo(destinations.Where(d => d.Service == service.Id).Select(d => d.Destination)));
        }

        // The other way round: the tool writes, we read.
        _ipvs.Execute(Reused(batch).Flush());
        Assert.That(_ipvs.GetServices(), Is.Empty);
        string file = Path.Combine(Path.GetTempPath(), $"swarmnet-ipvs-{Environment.ProcessId}-{Guid.NewGuid():N}");
        File.WriteAllText(file, saved);
        try
        {
            _host.Exec("sh", $"-c \"ipvsadm -R <{file}\"");
        }
        finally
        {
            File.Delete(file);
        }

        Assert.That(_ipvs.GetServices().Select(s => s.Service), Is.EquivalentTo(services));
        Assert.That(services.SelectMany(s => _ipvs.GetDestinations(s.Id)).Select(d => d.Destination), Is.EquivalentTo(destinations.Select(d => d.Destination)));
    }

    [Test]
    public void Every_scheduler_is_known_to_the_kernel()
    {
        IpvsScheduler[] schedulers =
        [
            IpvsScheduler.RoundRobin, IpvsScheduler.WeightedRoundRobin, IpvsScheduler.LeastConnection, IpvsScheduler.WeightedLeastConnection,
            IpvsScheduler.LocalityLeastConnection, IpvsScheduler.LocalityLeastConnectionReplicated, IpvsScheduler.DestinationHash, IpvsScheduler.SourceHash,
            IpvsScheduler.MaglevHash, IpvsScheduler.ShortestExpectedDelay, IpvsScheduler.NeverQueue, IpvsScheduler.WeightedFailover, IpvsScheduler.WeightedOverflow,
            IpvsScheduler.PowerOfTwo,
        ];
        IpvsBatch batch = _ipvs.NewBatch();
        for (int i = 0; i < schedulers.Length; i++)
        {
            batch.AddService(new IpvsService(IpvsServiceId.Tcp(_vip, (ushort)(1 + i)), schedulers[i]));
        }

        // Debian's cloud kernel has this one switched off, the others must be there.
        _ipvs.TryExecute(batch);
        Assert.That(batch.Failures.Select(f => f.Errno), Is.Empty.Or.EqualTo(new[] { Errno.ENOENT }));
        IpvsScheduler[] missing = batch.Failures.Count == 0 ? [] : [IpvsScheduler.PowerOfTwo];
        Assert.That(
            Lines(_host.Exec("ipvsadm", "-Sn")),
            Is.EquivalentTo(schedulers.Except(missing).Select(s => $"-A -t 10.0.0.1:{1 + Array.IndexOf(schedulers, s)} -s {s.Name}")));
        Assert.That(_ipvs.GetServices().Select(s => s.Service.Scheduler), Is.EquivalentTo(schedulers.Except(missing)));
    }

    [Test]
    public void Changes_replace_what_is_there_and_removals_can_tolerate_that_nothing_is()
    {
        IpvsAddress real = IPAddress.Parse("10.0.0.2");
        _ipvs.Execute(_ipvs.NewBatch()
            .AddService(new IpvsService(_web, IpvsScheduler.RoundRobin) { PersistenceSeconds = 10 })
            .AddDestination(_web, new IpvsDestination(real, 80))
            .SetService(new IpvsService(_web, IpvsScheduler.WeightedRoundRobin))
            .SetDestination(_web, new IpvsDestination(real, 80, 0) { UpperThreshold = 50, LowerThreshold = 5 }));
        Assert.That(Lines(_host.Exec("ipvsadm", "-Sn")), Is.EqualTo(new[] { "-A -t 10.0.0.1:80 -s wrr", "-a -t 10.0.0.1:80 -r 10.0.0.2:80 -m -w 0" }));
        Assert.That(Words(Lines(_host.Exec("ipvsadm", "-Ln --thresholds"))[^1]), Is.EqualTo(new[] { "->", "10.0.0.2:80", "50", "5", "0", "0" }));

        _ipvs.Execute(_ipvs.NewBatch()
            .AddService(new IpvsService(_web, IpvsScheduler.RoundRobin), ignoreExisting: true)
            .AddDestination(_web, new IpvsDestination(real, 80), ignoreExisting: true)
            .DeleteDestination(_web, real, 80)
            .DeleteDestination(_web, real, 80, ignoreMissing: true)
            .DeleteService(_web)
            .DeleteService(_web, ignoreMissing: true));
        Assert.That(_host.Exec("ipvsadm", "-Sn"), Is.Empty);
        Assert.That(_ipvs.FindService(_web), Is.Null);
        Assert.That(_ipvs.GetDestinations(_web), Is.Empty);
    }

    [Test]
    public void Refusals_carry_the_operation_and_the_error()
    {
        IpvsBatch batch = _ipvs.NewBatch()
            .AddService(new IpvsService(_web, IpvsScheduler.RoundRobin))
            .AddService(new IpvsService(_web, IpvsScheduler.RoundRobin))
            .AddService(new IpvsService(IpvsServiceId.ByMark(1), new IpvsScheduler("nonsense")))
            .SetDestination(_web, new IpvsDestination(_vip, 80))
            .DeleteService(IpvsServiceId.ByMark(2));

        Assert.That(_ipvs.TryExecute(batch), Is.False);
        Assert.That(batch.Failures.Select(f => (f.Operation, f.Errno)), Is.EqualTo(new[]
        {
            ("add service", Errno.EEXIST),
            ("add service", Errno.ENOENT),
            ("set destination", Errno.ENOENT),
            ("delete service", Errno.ESRCH),
        }));
    }

    [Test]
    public void Connections_and_bytes_are_counted_as_the_tool_shows_and_counters_are_zeroed()
    {
        using (Rtnetlink inside = Rtnetlink.Open(_host.Namespace))
        {
            int lo = inside.GetLink("lo").Index;
            inside.Execute(new RtnetlinkBatch().SetUp(lo).AddAddress(new AddressEntry { Link = lo, Address = _vip.ToIPAddress(), PrefixLength = 32 }));
        }

        using Socket server = Open(SocketType.Stream);
        server.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        server.Listen();
        int port = ((IPEndPoint)server.LocalEndPoint!).Port;
        var real = new IpvsDestination(IPAddress.Loopback, (ushort)port);
        _ipvs.Execute(_ipvs.NewBatch().AddService(new IpvsService(_web, IpvsScheduler.RoundRobin)).AddDestination(_web, real));

        using Socket client = Open(SocketType.Stream);
        client.Connect(_vip.ToIPAddress(), 80);
        using Socket accepted = server.Accept();
        client.Send(new byte[1000]);
        byte[] buffer = new byte[2000];
        for (int received = 0; received < 1000;)
        {
            received += accepted.Receive(buffer);
        }

        // The kernel adds up what its processors counted every 2 s, here more than once while the last packets pass.
        string[] shown = [];
        Assert.That(
            () =>
            {
                IpvsStatistics before = _ipvs.FindService(_web)!.Value.Statistics;
                shown = Words(Lines(_host.Exec("ipvsadm", "-Ln --stats --exact -t 10.0.0.1:80"))[^2])[2..];
                return before.IncomingBytes >= 1000 && before == _ipvs.FindService(_web)!.Value.Statistics;
            },
            Is.True.After(20_000, 500));
        IpvsDestinationEntry entry = _ipvs.GetDestinations(_web).Single();
        Assert.That(entry.Destination, Is.EqualTo(real));
        Assert.That((entry.ActiveConnections, entry.InactiveConnections, entry.Statistics.Connections), Is.EqualTo((1u, 0u, 1ul)));
        Assert.That(entry.Statistics.IncomingBytes, Is.InRange(1000, 2000));
        Assert.That(entry.Statistics.OutgoingPackets, Is.GreaterThan(0), "the answers came back this way");
        IpvsStatistics service = _ipvs.FindService(_web)!.Value.Statistics;
        Assert.That(Counters(service), Is.EqualTo(Counters(entry.Statistics)));
        Assert.That(Counters(service), Is.EqualTo(shown));

        _ipvs.Execute(_ipvs.NewBatch().Zero(_web));
        Assert.That(_ipvs.FindService(_web)!.Value.Statistics, Is.EqualTo(default(IpvsStatistics)));
        client.Send(new byte[1]);
        _ = accepted.Receive(buffer);
        Assert.That(() => _ipvs.FindService(_web)!.Value.Statistics.IncomingPackets, Is.GreaterThan(0).After(20_000, 200));
        _ipvs.Execute(_ipvs.NewBatch().ZeroAll());
        Assert.That(_ipvs.FindService(_web)!.Value.Statistics, Is.EqualTo(default(IpvsStatistics)));
    }

    [Test]
    public void Timeouts_and_version_are_what_the_tool_shows()
    {
        _ipvs.Execute(_ipvs.NewBatch().SetTimeouts(new IpvsTimeouts(432000, 0, 60)));

        Assert.That(_ipvs.GetTimeouts(), Is.EqualTo(new IpvsTimeouts(432000, 120, 60)));
        Assert.That(_host.Exec("ipvsadm", "-Ln --timeout").Trim(), Is.EqualTo("Timeout (tcp tcpfin udp): 432000 120 60"));
        IpvsInfo info = _ipvs.GetInfo();
        Assert.That(_host.Exec("ipvsadm", "-Ln"), Does.StartWith($"IP Virtual Server version {info.Version} (size={info.ConnectionTableSize})\n"));
    }

    [Test]
    public void Long_lists_are_read_whole_and_end_at_the_namespace()
    {
        const int Count = 3000;
        IpvsBatch batch = _ipvs.NewBatch();
        for (uint i = 1; i <= Count; i++)
        {
            batch.AddService(new IpvsService(IpvsServiceId.ByMark(i), IpvsScheduler.RoundRobin));
            batch.AddDestination(IpvsServiceId.ByMark(1), new IpvsDestination(IpvsAddress.FromIPv4(0x0a010000 + i), 0));
        }

        _ipvs.Execute(batch);

        Assert.That(_ipvs.GetServices().Select(s => s.Service.Id.FirewallMark).Distinct().Count(), Is.EqualTo(Count));
        Assert.That(_ipvs.GetDestinations(IpvsServiceId.ByMark(1)).Select(d => d.Destination.Address).Distinct().Count(), Is.EqualTo(Count));
        using var other = new TestNamespace();
        using IpvsSocket elsewhere = IpvsSocket.Open(other.Namespace);
        Assert.That(elsewhere.GetServices(), Is.Empty);
    }

    private static IpvsBatch Reused(IpvsBatch batch)
    {
        batch.Clear();
        return batch;
    }

    private static string[] Lines(string text) => [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Trim())];

    private static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    private static string[] Counters(in IpvsStatistics s) =>
        [.. new[] { s.Connections, s.IncomingPackets, s.OutgoingPackets, s.IncomingBytes, s.OutgoingBytes }.Select(v => $"{v}")];

    private Socket Open(SocketType type) =>
        new(new SafeSocketHandle(_host.Namespace.OpenSocket(Libc.AF_INET, type == SocketType.Stream ? Libc.SOCK_STREAM : Libc.SOCK_DGRAM, 0).Release(), ownsHandle: true));
}
