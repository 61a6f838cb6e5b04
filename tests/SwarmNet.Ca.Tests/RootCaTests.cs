using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using SwarmNet.Protocol;

namespace SwarmNet.Ca;

public sealed class RootCaTests
{
    private static readonly DateTimeOffset s_now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Test]
    public void The_root_is_as_Docker_makes_it()
    {
        using var ca = RootCa.Create(s_now);
        using var certificate = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(ca.CertificatePem.Span));
        Assert.That(ca.CertificatePem.Span[^1], Is.EqualTo((byte)'\n'));
        Assert.That(certificate.Subject, Is.EqualTo("CN=swarm-ca"));
        Assert.That(certificate.GetECDsaPublicKey()!.KeySize, Is.EqualTo(256));
        Assert.That(new DateTimeOffset(certificate.NotBefore), Is.EqualTo(s_now.AddMinutes(-5)));
        Assert.That(certificate.NotAfter - certificate.NotBefore, Is.EqualTo(TimeSpan.FromSeconds(630_720_000)));
        var usage = certificate.Extensions.OfType<X509KeyUsageExtension>().Single();
        Assert.That((usage.Critical, usage.KeyUsages), Is.EqualTo((true, X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign)));
        var constraints = certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single();
        Assert.That((constraints.Critical, constraints.CertificateAuthority, constraints.HasPathLengthConstraint), Is.EqualTo((true, true, false)));
        Assert.That(certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().ToList(), Has.Count.EqualTo(1));
        Assert.That(certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>(), Is.Empty);
        Assert.That(TrustRoot.Parse(ca.CertificatePem.Span).Certificates, Has.Count.EqualTo(1));
    }

    [TestCase(SwarmRoles.Worker, new[] { "swarm-worker", "node1" })]
    [TestCase(SwarmRoles.Manager, new[] { "swarm-manager", "node1", "swarm-ca" })]
    public void A_leaf_is_as_Docker_makes_it(string role, string[] names)
    {
        using var ca = RootCa.Create(s_now);
        var request = CertificateSigningRequest.Create();
        var pem = ca.Sign(request.Pem.Span, new PeerIdentity("cluster1", role, "node1"), TimeSpan.FromHours(2160), s_now);
        using var leaf = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(pem));
        Assert.That(SubjectOids(leaf), Is.EqualTo(new[] { "2.5.4.10", "2.5.4.11", "2.5.4.3" }), "O, OU, CN in DER order");
        Assert.That(PeerIdentity.TryParse(leaf, out var identity));
        Assert.That(identity, Is.EqualTo(new PeerIdentity("cluster1", role, "node1")));
        Assert.That(leaf.Extensions.OfType<X509SubjectAlternativeNameExtension>().Single().EnumerateDnsNames(), Is.EqualTo(names));
        var usage = leaf.Extensions.OfType<X509KeyUsageExtension>().Single();
        Assert.That((usage.Critical, usage.KeyUsages), Is.EqualTo((true, X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyEncipherment)));
        var purposes = leaf.Extensions.OfType<X509EnhancedKeyUsageExtension>().Single().EnhancedKeyUsages.Cast<Oid>().Select(oid => oid.Value);
        Assert.That(purposes, Is.EqualTo(new[] { "1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2" }), "server and client, workers too");
        var constraints = leaf.Extensions.OfType<X509BasicConstraintsExtension>().Single();
        Assert.That((constraints.Critical, constraints.CertificateAuthority), Is.EqualTo((true, false)));
        Assert.That(leaf.Extensions.OfType<X509AuthorityKeyIdentifierExtension>().ToList(), Has.Count.EqualTo(1));
        Assert.That(leaf.Extensions.OfType<X509SubjectKeyIdentifierExtension>().ToList(), Has.Count.EqualTo(1));
        Assert.That(new DateTimeOffset(leaf.NotBefore), Is.EqualTo(s_now.AddHours(-1)));
        Assert.That(new DateTimeOffset(leaf.NotAfter), Is.EqualTo(s_now.AddHours(2160)));
    }

    [Test]
    public void Validities_under_an_hour_are_a_mistake()
    {
        using var ca = RootCa.Create(s_now);
        var pem = ca.Sign(CertificateSigningRequest.Create().Pem.Span, new PeerIdentity("c", SwarmRoles.Worker, "n"), TimeSpan.FromMinutes(59), s_now);
        using var leaf = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(pem));
        Assert.That(new DateTimeOffset(leaf.NotAfter), Is.EqualTo(s_now + RootCa.DefaultNodeValidity));
    }

    [Test]
    public void A_leaf_ends_with_its_root_at_the_latest()
    {
        using var ca = RootCa.Create(s_now);
        var late = s_now.AddYears(20).AddDays(-40);
        var pem = ca.Sign(CertificateSigningRequest.Create().Pem.Span, new PeerIdentity("c", SwarmRoles.Worker, "n"), TimeSpan.FromDays(90), late);
        using var leaf = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(pem));
        Assert.That(new DateTimeOffset(leaf.NotAfter), Is.EqualTo(s_now.AddMinutes(-5).AddSeconds(630_720_000)));
    }

    [Test]
    public void A_loaded_root_signs_like_the_created_one()
    {
        using var created = RootCa.Create(DateTimeOffset.UtcNow);
        using var loaded = RootCa.Load(created.CertificatePem.Span, created.KeyPem.Span);
        var request = CertificateSigningRequest.Create();
        var pem = loaded.Sign(request.Pem.Span, new PeerIdentity("c", SwarmRoles.Worker, "n"), RootCa.DefaultNodeValidity, DateTimeOffset.UtcNow);
        var certificate = NodeCertificate.Create(pem, request.KeyPem.Span, TrustRoot.Parse(created.CertificatePem.Span));
        Assert.That(certificate.Identity.NodeId, Is.EqualTo("n"));
        Assert.That(loaded.CertificatePem.ToArray(), Is.EqualTo(created.CertificatePem.ToArray()));
    }

    [Test]
    public void A_key_of_another_root_is_refused()
    {
        using var one = RootCa.Create(s_now);
        using var two = RootCa.Create(s_now);
        Assert.That(() => RootCa.Load(one.CertificatePem.Span, two.KeyPem.Span), Throws.TypeOf<CaException>());
        Assert.That(() => RootCa.Load("no pem"u8, "no pem"u8), Throws.TypeOf<CaException>());
    }

    [Test]
    public void Our_requests_look_like_a_stock_engines()
    {
        var text = Encoding.ASCII.GetString(CertificateSigningRequest.Create().Pem.Span);
        var request = CertificateRequest.LoadSigningRequestPem(text, HashAlgorithmName.SHA256);
        Assert.That(text, Does.StartWith("-----BEGIN CERTIFICATE REQUEST-----\n").And.EndsWith("-----END CERTIFICATE REQUEST-----\n"));
        Assert.That(request.SubjectName.RawData, Is.EqualTo(new byte[] { 0x30, 0x00 }));
        Assert.That(RootCa.CheckRequest(Encoding.ASCII.GetBytes(text)), Is.Null);
    }

    [Test]
    public void Bad_requests_are_refused_with_a_sentence()
    {
        var good = CertificateSigningRequest.Create().Pem.ToArray();
        using var weak = RSA.Create(1024);
        var weakRequest = new CertificateRequest("CN=x", weak, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1).CreateSigningRequestPem();
        Assert.That(RootCa.CheckRequest([]), Does.Contain("empty"));
        Assert.That(RootCa.CheckRequest(new byte[20_000]), Does.Contain("too large"));
        Assert.That(RootCa.CheckRequest("no pem"u8), Does.Contain("PKCS#10"));
        Assert.That(RootCa.CheckRequest(Encoding.ASCII.GetBytes(weakRequest)), Does.Contain("2048"));

        // Random damage: a broken signature, length or label is refused, never thrown.
        var random = new Random(TestSeed.Next());
        for (var round = 0; round < 500; round++)
        {
            var damaged = (byte[])good.Clone();
            damaged[random.Next(40, damaged.Length - 40)] = (byte)random.Next('A', 'z');
            if (!damaged.AsSpan().SequenceEqual(good))
            {
                Assert.DoesNotThrow(() => RootCa.CheckRequest(damaged));
            }
        }
    }

    [Test]
    public void Renewal_falls_between_half_and_four_fifths_of_life()
    {
        var random = new Random(TestSeed.Next());
        var notAfter = s_now.AddHours(2160);
        for (var round = 0; round < 1000; round++)
        {
            var delay = RenewalSchedule.Delay(s_now.AddHours(-1), notAfter, s_now, random);
            Assert.That(delay, Is.InRange(TimeSpan.FromHours(1079), TimeSpan.FromHours(1728)));
        }

        Assert.That(RenewalSchedule.Delay(s_now.AddHours(-1), notAfter, notAfter, random), Is.EqualTo(TimeSpan.Zero));
    }

    private static List<string> SubjectOids(X509Certificate2 certificate)
    {
        var oids = new List<string>();
        var names = new AsnReader(certificate.SubjectName.RawData, AsnEncodingRules.DER).ReadSequence();
        while (names.HasData)
        {
            oids.Add(names.ReadSetOf().ReadSequence().ReadObjectIdentifier());
        }

        return oids;
    }
}
