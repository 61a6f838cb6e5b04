using System.Net;

namespace SwarmNet.Dns;

[TestFixture]
public sealed class DnsCoreTests
{
    private static readonly ZoneView _zone = new(
    [
        new ZoneNetwork("front")
            .Add("web", IPAddress.Parse("10.0.1.2"))
            .Add("tasks.web", IPAddress.Parse("10.0.1.3"))
            .Add("tasks.web", IPAddress.Parse("10.0.1.4"))
            .Add("tasks.web", IPAddress.Parse("10.0.1.4"))
            .Add("web.1.abc", IPAddress.Parse("10.0.1.3"))
            .Add("six", IPAddress.Parse("fd00::6"))
            .AddReverse(IPAddress.Parse("10.0.1.3"), "web.1.abc")
            .AddReverse(IPAddress.Parse("fd00::6"), "six"),
        new ZoneNetwork("back.end")
            .Add("web", IPAddress.Parse("10.0.2.2"))
            .Add("db", IPAddress.Parse("10.0.2.9")),
    ]);

    [TestCase("web", "10.0.1.2", Description = "the first network that knows it")]
    [TestCase("WEB", "10.0.1.2", Description = "case does not matter")]
    [TestCase("web.front", "10.0.1.2")]
    [TestCase("web.back.end", "10.0.2.2", Description = "a network's name may have dots")]
    [TestCase("web.BACK.end", "10.0.2.2")]
    [TestCase("db", "10.0.2.9", Description = "known to the second network only")]
    [TestCase("web.1.abc.front", "10.0.1.3")]
    [TestCase("tasks.web", "10.0.1.3 10.0.1.4", Description = "duplicates count once")]
    [TestCase("tasks.web.front", "10.0.1.3 10.0.1.4")]
    public void A_is_answered(string name, string addresses)
    {
        DnsMessages.Answer answer = Ask(name, DnsType.A);

        Assert.That(answer.Addresses, Is.EquivalentTo(addresses.Split(' ')));
        Assert.That(answer.Flags, Is.EqualTo(0x8180));
        Assert.That(answer.Id, Is.EqualTo(0x1234));
    }

    [TestCase("unknown", DnsType.A)]
    [TestCase("db.front", DnsType.A, Description = "restricted to a network that does not know it")]
    [TestCase("example.com", DnsType.AAAA)]
    [TestCase("web", DnsType.TXT)]
    [TestCase("web", DnsType.SRV)]
    [TestCase("web", DnsType.Any)]
    [TestCase("9.9.9.9.in-addr.arpa", DnsType.PTR)]
    [TestCase("2.1.0.10.in-addr.arpa", DnsType.PTR, Description = "a VIP has no reverse name")]
    [TestCase("1.0.10.in-addr.arpa", DnsType.PTR)]
    [TestCase("x.1.0.10.in-addr.arpa", DnsType.PTR)]
    [TestCase("", DnsType.A, Description = "the root")]
    public void Other_questions_are_forwarded(string name, DnsType type) =>
        Assert.That(Outcome(DnsMessages.Query(name, type)), Is.EqualTo(DnsOutcome.Forward));

    [TestCase("web", DnsType.AAAA)]
    [TestCase("web", DnsType.MX)]
    [TestCase("six", DnsType.A)]
    public void A_known_name_without_such_data_is_answered_empty_and_not_forwarded(string name, DnsType type)
    {
        DnsMessages.Answer answer = Ask(name, type);

        Assert.That(answer.Data, Is.Empty);
        Assert.That(answer.Flags, Is.EqualTo(0x8180), "NOERROR");
    }

    [Test]
    public void AAAA_is_answered() => Assert.That(Ask("six.front", DnsType.AAAA).Addresses, Is.EqualTo(new[] { "fd00::6" }));

    [TestCase("3.1.0.10.in-addr.arpa", "web.1.abc.front")]
    [TestCase("3.1.0.10.IN-ADDR.arpa", "web.1.abc.front")]
    [TestCase("6.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.f.ip6.arpa", "six.front")]
    public void PTR_is_answered(string name, string target)
    {
        DnsMessages.Answer answer = Ask(name, DnsType.PTR);

        Span<char> text = stackalloc char[254];
        Assert.That(DnsName.TryRead(answer.Data.Single(), 0, text, out int length, out _), Is.True);
        Assert.That(text[..length].ToString(), Is.EqualTo(target));
    }

    [Test]
    public void RD_is_echoed() =>
        Assert.That(DnsMessages.Parse(Respond(DnsMessages.Query("web", DnsType.A, flags: 0)), DnsMessages.Query("web", DnsType.A)).Flags, Is.EqualTo(0x8080));

    [Test]
    public void Another_class_is_forwarded() =>
        Assert.That(Outcome(DnsMessages.Query("web", DnsType.A, dnsClass: 3)), Is.EqualTo(DnsOutcome.Forward));

    [TestCase(DnsTransport.Udp, null, 28, Description = "512 bytes")]
    [TestCase(DnsTransport.Udp, 100, 28, Description = "never less than 512")]
    [TestCase(DnsTransport.Udp, 1232, 73)]
    [TestCase(DnsTransport.Udp, 65535, 252, Description = "we send at most 4096")]
    [TestCase(DnsTransport.Tcp, null, 500)]
    public void What_does_not_fit_is_cut(DnsTransport transport, int? edns, int expected)
    {
        var network = new ZoneNetwork("n");
        for (int i = 0; i < 500; i++)
        {
            network.Add("many.aaaaaaaaaaaaaaaaaaaaaaaa.bb", new IPAddress([10, 1, (byte)(i >> 8), (byte)i]));
        }

        byte[] query = DnsMessages.Query("many.aaaaaaaaaaaaaaaaaaaaaaaa.bb", DnsType.A, ednsSize: (ushort?)edns);
        DnsMessages.Answer answer = DnsMessages.Parse(Respond(query, new ZoneView([network]), transport), query);

        Assert.That(answer.Data, Has.Count.EqualTo(expected));
        Assert.That(answer.Addresses, Is.Unique);
        Assert.That(answer.Truncated, Is.EqualTo(expected < 500));
    }

    [Test]
    public void Every_address_comes_first_about_equally_often()
    {
        var network = new ZoneNetwork("n");
        for (byte i = 0; i < 10; i++)
        {
            network.Add("web", new IPAddress([10, 0, 0, i]));
        }

        var zone = new ZoneView([network]);
        byte[] query = DnsMessages.Query("web", DnsType.A);
        int[] first = new int[10];
        var random = new DnsRandom(42);
        byte[] response = new byte[512];
        for (int i = 0; i < 10_000; i++)
        {
            DnsCore.Answer(query, zone, DnsTransport.Udp, ref random, response, out int length);
            first[DnsMessages.Parse(response.AsSpan(0, length), query).Data[0][3]]++;
        }

        Assert.That(first, Is.All.InRange(850, 1150), "1000 each; five standard deviations are 150");
    }

    [Test]
    public void More_addresses_than_a_message_holds_are_cut_and_differ_between_answers()
    {
        var network = new ZoneNetwork("n");
        for (int i = 0; i < 6000; i++)
        {
            network.Add("web", new IPAddress([10, 0, (byte)(i >> 8), (byte)i]));
        }

        var zone = new ZoneView([network]);
        byte[] query = DnsMessages.Query("web", DnsType.A);
        DnsMessages.Answer answer = DnsMessages.Parse(Respond(query, zone, DnsTransport.Tcp), query);

        Assert.That(answer.Data, Has.Count.EqualTo((65535 - query.Length) / 16));
        Assert.That(answer.Addresses, Is.Unique);
        Assert.That(answer.Truncated, Is.True);
    }

    [TestCase("1234 8000 0001 0000 0000 0000 03776562 00 0001 0001", DnsOutcome.Ignore, "", Description = "an answer")]
    [TestCase("1234 0100", DnsOutcome.Ignore, "", Description = "cut header")]
    [TestCase("1234 0100 0000 0000 0000 0000", DnsOutcome.Respond, "123481810000000000000000", Description = "no question: FORMERR")]
    [TestCase("1234 0100 0001 0000 0000 0000 0377", DnsOutcome.Respond, "123481810000000000000000", Description = "cut question")]
    [TestCase("1234 0100 0001 0000 0000 0000 c00c 0001 0001", DnsOutcome.Respond, "123481810000000000000000", Description = "pointer in the question")]
    [TestCase("1234 2000 0001 0000 0000 0000 03776562 00 0006 0001", DnsOutcome.Respond, "1234a0840000000000000000", Description = "NOTIFY: NOTIMP")]
    public void Bad_queries(string hex, DnsOutcome outcome, string expected)
    {
        byte[] response = new byte[512];
        var random = new DnsRandom(1);

        Assert.That(DnsCore.Answer(Convert.FromHexString(hex.Replace(" ", "")), _zone, DnsTransport.Udp, ref random, response, out int length), Is.EqualTo(outcome));
        Assert.That(Convert.ToHexStringLower(response.AsSpan(0, length)), Is.EqualTo(expected));
    }

    [Test]
    public void WriteError_echoes_the_question()
    {
        byte[] query = DnsMessages.Query("example.com", DnsType.A);
        byte[] response = new byte[512];
        int length = DnsCore.WriteError(query, DnsResponseCode.ServerFailure, response);

        Assert.That(DnsMessages.Parse(response.AsSpan(0, length), query).Flags, Is.EqualTo(0x8182));
    }

    [Test]
    public void Random_bytes_never_throw()
    {
        int seed = TestSeed.Next();
        var random = new Random(seed);
        var shuffle = new DnsRandom((ulong)seed);
        byte[] valid = DnsMessages.Query("tasks.web.front", DnsType.A, ednsSize: 1232);
        byte[] response = new byte[4096];
        int responded = 0;
        for (int i = 0; i < 200_000; i++)
        {
            byte[] bytes;
            if (i % 2 == 0)
            {
                bytes = new byte[random.Next(80)];
                random.NextBytes(bytes);
            }
            else
            {
                bytes = valid[..random.Next(valid.Length + 1)];
                for (int n = random.Next(4); n > 0 && bytes.Length > 0; n--)
                {
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                }
            }

            DnsOutcome outcome = DnsCore.Answer(bytes, _zone, DnsTransport.Udp, ref shuffle, response, out int length);
            responded += outcome == DnsOutcome.Respond ? 1 : 0;
            Assert.That(length > 0, Is.EqualTo(outcome == DnsOutcome.Respond));
            _ = DnsCore.WriteError(bytes, DnsResponseCode.ServerFailure, response);
            _ = DnsForwarder.IsAnswerTo(valid, bytes);
            _ = DnsName.TryRead(bytes, random.Next(80), new char[254], out _, out _);
        }

        Assert.That(responded, Is.GreaterThan(1000), "some must be good enough to answer, or nothing was tested");
    }

    [Test]
    public void Query_to_answer_allocates_nothing()
    {
        byte[][] queries =
        [
            DnsMessages.Query("tasks.web.front", DnsType.A, ednsSize: 1232),
            DnsMessages.Query("web", DnsType.AAAA),
            DnsMessages.Query("3.1.0.10.in-addr.arpa", DnsType.PTR),
            DnsMessages.Query("example.com", DnsType.A),
        ];
        byte[] response = new byte[4096];
        var random = new DnsRandom(1);
        long smallest = long.MaxValue;
        for (int round = 0; round < 6; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 10_000; i++)
            {
                DnsCore.Answer(queries[i % queries.Length], _zone, DnsTransport.Udp, ref random, response, out _);
            }

            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            smallest = round == 0 ? smallest : Math.Min(smallest, allocated);
        }

        Assert.That(smallest, Is.Zero);
    }

    private static DnsMessages.Answer Ask(string name, DnsType type)
    {
        byte[] query = DnsMessages.Query(name, type);
        return DnsMessages.Parse(Respond(query), query);
    }

    private static byte[] Respond(byte[] query, ZoneView? zone = null, DnsTransport transport = DnsTransport.Udp)
    {
        byte[] response = new byte[65535];
        var random = new DnsRandom(7);
        Assert.That(DnsCore.Answer(query, zone ?? _zone, transport, ref random, response, out int length), Is.EqualTo(DnsOutcome.Respond));
        return response[..length];
    }

    private static DnsOutcome Outcome(byte[] query)
    {
        var random = new DnsRandom(7);
        return DnsCore.Answer(query, _zone, DnsTransport.Udp, ref random, new byte[512], out _);
    }
}
