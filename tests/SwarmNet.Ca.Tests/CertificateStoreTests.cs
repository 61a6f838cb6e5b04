using System.Text;
using SwarmNet.Protocol;

namespace SwarmNet.Ca;

public sealed class CertificateStoreTests
{
    private string _folder = null!;
    private RootCa _ca = null!;

    [SetUp]
    public void SetUp()
    {
        _folder = Directory.CreateTempSubdirectory("swarmnet-ca").FullName;
        _ca = RootCa.Create(DateTimeOffset.UtcNow);
    }

    [TearDown]
    public void TearDown()
    {
        Directory.Delete(_folder, recursive: true);
        _ca.Dispose();
    }

    [Test]
    public void What_was_saved_is_loaded()
    {
        var store = new CertificateStore(_folder);
        Assert.That(store.Exists, Is.False);
        var certificate = Issue("node1");
        store.Save(certificate);
        var loaded = store.Load();
        Assert.That(store.Exists);
        Assert.That(loaded.Identity, Is.EqualTo(certificate.Identity));
        Assert.That(loaded.Pem.ToArray(), Is.EqualTo(certificate.Pem.ToArray()));
        Assert.That(loaded.Root.Pem.ToArray(), Is.EqualTo(_ca.CertificatePem.ToArray()));
        Assert.That(Directory.GetFiles(Path.Combine(_folder, "certificates")).Select(Path.GetFileName),
            Is.EquivalentTo(new[] { "swarm-root-ca.crt", "swarm-node.crt", "swarm-node.key" }));
        Assert.That(
            File.GetUnixFileMode(Path.Combine(_folder, "certificates", "swarm-node.key")), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
    }

    [Test]
    public void A_crash_between_key_and_certificate_is_finished_by_the_next_load()
    {
        var store = new CertificateStore(_folder);
        store.Save(Issue("node1"));
        var renewed = Issue("node1");
        var file = Path.Combine(_folder, "certificates", "swarm-node.crt");

        // As Save does it, up to the crash: the new certificate aside, the new key in place, the old certificate still there.
        File.WriteAllBytes(file + ".new", renewed.Pem.Span);
        File.WriteAllBytes(Path.Combine(_folder, "certificates", "swarm-node.key"), renewed.KeyPem.Span);
        Assert.That(store.Load().Certificate.Thumbprint, Is.EqualTo(renewed.Certificate.Thumbprint));
        Assert.That(File.ReadAllBytes(file), Is.EqualTo(renewed.Pem.ToArray()));
        Assert.That(File.Exists(file + ".new"), Is.False);
    }

    [Test]
    public void A_crash_before_the_key_leaves_the_old_pair()
    {
        var store = new CertificateStore(_folder);
        var old = Issue("node1");
        store.Save(old);
        File.WriteAllBytes(Path.Combine(_folder, "certificates", "swarm-node.crt.new"), Issue("node1").Pem.Span);
        Assert.That(store.Load().Certificate.Thumbprint, Is.EqualTo(old.Certificate.Thumbprint));
    }

    [Test]
    public void Files_that_do_not_fit_are_refused()
    {
        var store = new CertificateStore(_folder);
        Assert.That(store.Load, Throws.TypeOf<CaException>());
        store.Save(Issue("node1"));
        File.WriteAllText(Path.Combine(_folder, "certificates", "swarm-node.crt"), Encoding.ASCII.GetString(Issue("node1").Pem.Span));
        Assert.That(store.Load, Throws.TypeOf<CaException>(), "another key's certificate");
        File.WriteAllText(Path.Combine(_folder, "certificates", "swarm-root-ca.crt"), "garbage");
        Assert.That(store.Load, Throws.TypeOf<CaException>());
    }

    [Test]
    public void A_certificate_of_another_swarm_is_refused()
    {
        using var other = RootCa.Create(DateTimeOffset.UtcNow);
        var request = CertificateSigningRequest.Create();
        var pem = other.Sign(request.Pem.Span, new PeerIdentity("c", SwarmRoles.Worker, "n"), RootCa.DefaultNodeValidity, DateTimeOffset.UtcNow);
        Assert.That(
            () => NodeCertificate.Create(pem, request.KeyPem.Span, TrustRoot.Parse(_ca.CertificatePem.Span)),
            Throws.TypeOf<CaException>().With.Message.Contains("unknown authority"));
    }

    [Test]
    public void An_expired_certificate_loads_and_is_refused_where_it_must_be_valid()
    {
        var request = CertificateSigningRequest.Create();
        var pem = _ca.Sign(request.Pem.Span, new PeerIdentity("c", SwarmRoles.Worker, "n"), TimeSpan.FromHours(1), DateTimeOffset.UtcNow.AddHours(-2));
        var root = TrustRoot.Parse(_ca.CertificatePem.Span);
        var store = new CertificateStore(_folder);
        store.Save(NodeCertificate.Create(pem, request.KeyPem.Span, root, requireValidNow: false));
        Assert.That(store.Load().NotAfter, Is.LessThan(DateTimeOffset.UtcNow));
        Assert.That(() => NodeCertificate.Create(pem, request.KeyPem.Span, root), Throws.TypeOf<CaException>().With.Message.Contains("expired"));
    }

    [Test]
    public void Roots_must_be_self_signed()
    {
        Assert.That(() => TrustRoot.Parse(Issue("node1").Pem.Span), Throws.TypeOf<CaException>().With.Message.Contains("not self-signed"));
        Assert.That(() => TrustRoot.Parse([]), Throws.TypeOf<CaException>());
        Assert.That(() => TrustRoot.Parse("x"u8), Throws.TypeOf<CaException>());
    }

    // While a root rotates, a swarm has two of one name.
    [Test]
    public void A_bundle_of_two_roots_vouches_for_the_leaves_of_both([Values] bool oursFirst)
    {
        using var other = RootCa.Create(DateTimeOffset.UtcNow);
        byte[] both = oursFirst
            ? [.. _ca.CertificatePem.Span, .. other.CertificatePem.Span]
            : [.. other.CertificatePem.Span, .. _ca.CertificatePem.Span];
        var root = TrustRoot.Parse(both);
        Assert.That(root.Certificates, Has.Count.EqualTo(2));
        var certificate = Issue("node1").WithRoot(root);
        Assert.That(certificate.Root.Pem.ToArray(), Is.EqualTo(both));
        using var issuer = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(_ca.CertificatePem.Span));
        Assert.That(certificate.TlsInfo.CertIssuerPublicKey.ToByteArray(), Is.EqualTo(issuer.PublicKey.ExportSubjectPublicKeyInfo()));
    }

    [Test]
    public void A_sealed_key_is_read_with_its_sealing_key_only()
    {
        var sealing = UnlockKey.Create().Bytes.ToArray();
        var certificate = Issue("node1");
        new CertificateStore(_folder, sealing).Save(certificate);
        var file = Path.Combine(_folder, "certificates", "swarm-node.key");
        Assert.That(File.ReadAllText(file), Does.Contain("SEALED").And.Not.Contain("BEGIN PRIVATE KEY"));
        Assert.That(File.GetUnixFileMode(file), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(new CertificateStore(_folder, sealing).Load().KeyPem.ToArray(), Is.EqualTo(certificate.KeyPem.ToArray()));
        Assert.That(new CertificateStore(_folder).Load, Throws.TypeOf<CaException>().With.Message.Contains("is sealed"));
        Assert.That(new CertificateStore(_folder, UnlockKey.Create().Bytes.ToArray()).Load, Throws.TypeOf<CaException>().With.Message.Contains("is sealed"));
        File.WriteAllText(file, File.ReadAllText(file).Replace('A', 'B'));
        Assert.That(new CertificateStore(_folder, sealing).Load, Throws.TypeOf<CaException>());
    }

    [Test]
    public void The_key_is_sealed_and_opened_while_it_is_in_use()
    {
        var security = NodeSecurity.Create(_folder, Issue("node1"));
        var file = Path.Combine(_folder, "certificates", "swarm-node.key");
        var first = UnlockKey.Create().Bytes.ToArray();
        security.Seal(first);
        Assert.That(NodeSecurity.Load(_folder, first).Certificate.Identity, Is.EqualTo(security.Certificate.Identity));
        var written = File.ReadAllBytes(file);
        security.Seal(first);
        Assert.That(File.ReadAllBytes(file), Is.EqualTo(written), "nothing to do: not written again");

        // Renewals are sealed too.
        var renewed = Issue("node1");
        security.Replace(renewed);
        Assert.That(NodeSecurity.Load(_folder, first).Certificate.Certificate.Thumbprint, Is.EqualTo(renewed.Certificate.Thumbprint));
        Assert.That(() => NodeSecurity.Load(_folder), Throws.TypeOf<CaException>());

        var second = UnlockKey.Create().Bytes.ToArray();
        security.Seal(second);
        Assert.That(() => NodeSecurity.Load(_folder, first), Throws.TypeOf<CaException>());
        NodeSecurity.Load(_folder, second).Seal(null);
        Assert.That(File.ReadAllBytes(file), Is.EqualTo(renewed.KeyPem.ToArray()));
        Assert.That(NodeSecurity.Load(_folder, second).Certificate.Certificate.Thumbprint, Is.EqualTo(renewed.Certificate.Thumbprint), "a crash before it was sealed");
    }

    private NodeCertificate Issue(string node)
    {
        var request = CertificateSigningRequest.Create();
        var pem = _ca.Sign(request.Pem.Span, new PeerIdentity("c", SwarmRoles.Worker, node), RootCa.DefaultNodeValidity, DateTimeOffset.UtcNow);
        return NodeCertificate.Create(pem, request.KeyPem.Span, TrustRoot.Parse(_ca.CertificatePem.Span));
    }
}
