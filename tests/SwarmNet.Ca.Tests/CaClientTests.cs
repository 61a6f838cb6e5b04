using Google.Protobuf;
using SwarmNet.Grpc;
using SwarmNet.Protocol;

namespace SwarmNet.Ca;

/// <summary>The joiner against a scripted authority; the real one is tested with the manager.</summary>
[CancelAfter(30_000)]
public sealed class CaClientTests
{
    private EagerTime _time = new();
    private ByteString _csr = ByteString.Empty;
    private string _token = "";
    private PeerIdentity? _caller;
    private int _downloads;
    private int _issues;
    private int _polls;

    [SetUp]
    public void SetUp() => (_downloads, _issues, _polls, _caller, _time) = (0, 0, 0, null, new EagerTime());

    [Test]
    public async Task Joining_brings_a_certificate_for_the_key_that_was_made(CancellationToken cancellationToken)
    {
        await using var swarm = await StartAsync();
        var token = JoinToken.Create(swarm.Ca.CertificatePem.Span);
        var certificate = await Client().JoinAsync([swarm.Address], token, NodeAvailability.Active, cancellationToken);
        Assert.That(certificate.Identity, Is.EqualTo(new PeerIdentity(TestSwarm.ClusterId, SwarmRoles.Worker, "node1")));
        Assert.That(certificate.Certificate.HasPrivateKey);
        Assert.That(_token, Is.EqualTo(token.ToString()));
        Assert.That(_caller, Is.Null);
        Assert.That((_downloads, _issues, _polls), Is.EqualTo((1, 1, 1)));
    }

    [Test]
    public async Task Renewing_shows_the_certificate_and_no_token(CancellationToken cancellationToken)
    {
        await using var swarm = await StartAsync();
        var current = swarm.Issue(SwarmRoles.Worker, "node1");
        var renewed = await Client().RenewAsync(current, [swarm.Address], cancellationToken);
        Assert.That(renewed.Identity, Is.EqualTo(current.Identity));
        Assert.That(renewed.Certificate.Thumbprint, Is.Not.EqualTo(current.Certificate.Thumbprint));
        Assert.That(renewed.KeyPem.ToArray(), Is.Not.EqualTo(current.KeyPem.ToArray()));
        Assert.That((_caller?.NodeId, _token), Is.EqualTo(("node1", "")));
    }

    [Test]
    public async Task Another_roots_token_is_refused_after_five_downloads(CancellationToken cancellationToken)
    {
        await using var swarm = await StartAsync();
        var token = JoinToken.Create("another root\n"u8);
        var failure = await Assert.ThrowsAsync<CaException>(() => Client().JoinAsync([swarm.Address], token, NodeAvailability.Active, cancellationToken));
        Assert.That(failure!.Message, Is.EqualTo($"remote CA does not match fingerprint. Expected: {token.DigestHex}"));
        Assert.That((_downloads, _issues), Is.EqualTo((5, 0)));
        Assert.That(_time.Pauses, Is.EqualTo(Enumerable.Repeat(TimeSpan.FromSeconds(2), 4)));
    }

    [Test]
    public async Task A_refused_token_is_reported_in_the_managers_words_after_five_tries(CancellationToken cancellationToken)
    {
        await using var swarm = await StartAsync(new GrpcStatus(StatusCode.InvalidArgument, "A valid join token is necessary to join this cluster"));
        var token = JoinToken.Create(swarm.Ca.CertificatePem.Span);
        var failure = await Assert.ThrowsAsync<CaException>(() => Client().JoinAsync([swarm.Address], token, NodeAvailability.Active, cancellationToken));

        // Recorded from a stock engine.
        Assert.That(failure!.Message, Is.EqualTo("rpc error: code = InvalidArgument desc = A valid join token is necessary to join this cluster"));
        Assert.That(failure.Code, Is.EqualTo(StatusCode.InvalidArgument));
        Assert.That(_issues, Is.EqualTo(5));
    }

    [Test]
    public async Task A_certificate_for_another_request_is_waited_out(CancellationToken cancellationToken)
    {
        await using var swarm = await StartAsync(foreignAnswers: 3);
        var token = JoinToken.Create(swarm.Ca.CertificatePem.Span);
        var certificate = await Client().JoinAsync([swarm.Address], token, NodeAvailability.Active, cancellationToken);
        Assert.That(certificate.Identity.NodeId, Is.EqualTo("node1"));
        Assert.That(_polls, Is.EqualTo(4));
        Assert.That(_time.Pauses, Has.Count.EqualTo(3));
        Assert.That(_time.Pauses[2], Is.InRange(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)), "1 s, 2 s, 4 s, each shortened by up to a half");
    }

    [Test]
    public async Task A_failed_issuance_is_reported(CancellationToken cancellationToken)
    {
        await using var swarm = await StartAsync(failed: "the external CA says no");
        var token = JoinToken.Create(swarm.Ca.CertificatePem.Span);
        var failure = await Assert.ThrowsAsync<CaException>(() => Client().JoinAsync([swarm.Address], token, NodeAvailability.Active, cancellationToken));
        Assert.That(failure!.Message, Is.EqualTo("the external CA says no"));
    }

    [Test]
    public async Task Nobody_there_is_said_so(CancellationToken cancellationToken)
    {
        var token = JoinToken.Create("some root\n"u8);
        var failure = await Assert.ThrowsAsync<CaException>(() => Client().JoinAsync(["127.0.0.1:1"], token, NodeAvailability.Active, cancellationToken));
        Assert.That(failure!.Code, Is.EqualTo(StatusCode.Unavailable));
        Assert.That(failure.Message, Does.Contain("refused"));
    }

    private CaClient Client() => new(_time, new Random(1));

    private Task<TestSwarm> StartAsync(GrpcStatus? refusal = null, int foreignAnswers = 0, string? failed = null) => TestSwarm.StartAsync((server, swarm) =>
    {
        server.MapUnary(SwarmKitMethods.GetRootCACertificate, (_, _) =>
        {
            _downloads++;
            return Task.FromResult(new GetRootCACertificateResponse { Certificate = ByteString.CopyFrom(swarm.Ca.CertificatePem.Span) });
        });
        server.MapUnary(SwarmKitMethods.IssueNodeCertificate, (request, call) =>
        {
            _issues++;
            (_csr, _token, _caller) = (request.Csr, request.Token, call.Feature<PeerIdentity>());
            return refusal is { } status
                ? throw new RpcException(status)
                : Task.FromResult(new IssueNodeCertificateResponse { NodeId = "node1", NodeMembership = NodeMembership.Accepted });
        });
        server.MapUnary(SwarmKitMethods.NodeCertificateStatus, (_, _) =>
        {
            var csr = _polls++ < foreignAnswers ? ByteString.CopyFrom(CertificateSigningRequest.Create().Pem.Span) : _csr;
            var identity = new PeerIdentity(TestSwarm.ClusterId, SwarmRoles.Worker, "node1");
            return Task.FromResult(new NodeCertificateStatusResponse
            {
                Status = new IssuanceStatus
                {
                    State = failed is null ? IssuanceStatus.Types.State.IssuanceIssued : IssuanceStatus.Types.State.IssuanceFailed,
                    Err = failed ?? "",
                },
                Certificate = new Certificate
                {
                    Csr = csr,
                    Certificate_ = ByteString.CopyFrom(swarm.Ca.Sign(csr.Span, identity, RootCa.DefaultNodeValidity, DateTimeOffset.UtcNow)),
                },
            });
        });
    });
}
