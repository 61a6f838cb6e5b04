using Google.Protobuf;
using SwarmNet.Grpc;
using SwarmNet.Protocol;

namespace SwarmNet.Ca;

/// <summary>
/// The node's side of the certificate authority: joining (root by digest, certificate by token) and renewing. Docker's counts, pauses and
/// texts. Every refusal is a <see cref="CaException"/>.
/// </summary>
/// <param name="time">The clock of pauses.</param>
/// <param name="random">Chooses managers and jitters pauses; the caller seeds it.</param>
public sealed class CaClient(TimeProvider time, Random random)
{
    private const int Attempts = 5;
    private static readonly TimeSpan s_retryPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_callTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_pollBase = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_pollMax = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Joins: downloads the root, checks it against the token's digest, sends a request with the token, waits for the certificate.
    /// Nothing is written to disk.
    /// </summary>
    /// <param name="managers">Addresses to ask, <c>host:port</c>; at least one.</param>
    /// <param name="token">The join token.</param>
    /// <param name="availability">The new node's availability.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<NodeCertificate> JoinAsync(
        IReadOnlyList<string> managers, JoinToken token, NodeAvailability availability, CancellationToken cancellationToken)
    {
        var root = await DownloadRootAsync(managers, token, cancellationToken);
        var request = CertificateSigningRequest.Create();
        var message = new IssueNodeCertificateRequest
        {
            Csr = UnsafeByteOperations.UnsafeWrap(request.Pem),
            Token = token.ToString(),
            Availability = availability,
        };
        return await RequestAsync(managers, SwarmRoles.CA, root, own: null, request, message, cancellationToken);
    }

    /// <summary>Renews: a new key and certificate for the same node. No token; the present certificate is the proof.</summary>
    public Task<NodeCertificate> RenewAsync(NodeCertificate current, IReadOnlyList<string> managers, CancellationToken cancellationToken)
    {
        var request = CertificateSigningRequest.Create();
        var message = new IssueNodeCertificateRequest { Csr = UnsafeByteOperations.UnsafeWrap(request.Pem) };
        return RequestAsync(managers, SwarmRoles.Manager, current.Root, current, request, message, cancellationToken);
    }

    /// <summary>The root of whatever swarm answers; with a token only the root that the token is for.</summary>
    public Task<TrustRoot> DownloadRootAsync(IReadOnlyList<string> managers, JoinToken? token, CancellationToken cancellationToken)
        => RetryAsync(
            managers,
            async address =>
            {
                // Anybody may answer: the digest tells whether it was the right one.
                using var channel = SwarmTls.Channel(address, SwarmRoles.CA, root: null, own: null);
                var response = await channel.UnaryAsync(
                    SwarmKitMethods.GetRootCACertificate, new GetRootCACertificateRequest(), new CallOptions(s_callTimeout), cancellationToken);
                if (token?.Matches(response.Certificate.Span) == false)
                {
                    throw new CaException($"remote CA does not match fingerprint. Expected: {token.DigestHex}");
                }

                return TrustRoot.Parse(response.Certificate.Span);
            },
            cancellationToken);

    private async Task<NodeCertificate> RequestAsync(
        IReadOnlyList<string> managers,
        string serverName,
        TrustRoot root,
        NodeCertificate? own,
        CertificateSigningRequest request,
        IssueNodeCertificateRequest message,
        CancellationToken cancellationToken)
    {
        var (address, nodeId) = await RetryAsync(
            managers,
            async address =>
            {
                using var channel = SwarmTls.Channel(address, serverName, root, own);
                var issued = await channel.UnaryAsync(
                    SwarmKitMethods.IssueNodeCertificate, message, new CallOptions(s_callTimeout), cancellationToken);
                return (address, issued.NodeId);
            },
            cancellationToken);
        return await PollAsync(managers, address, nodeId, serverName, root, own, request, cancellationToken);
    }

    /// <summary>Asks until the certificate for our very request is there.</summary>
    private async Task<NodeCertificate> PollAsync(
        IReadOnlyList<string> managers,
        string address,
        string nodeId,
        string serverName,
        TrustRoot root,
        NodeCertificate? own,
        CertificateSigningRequest request,
        CancellationToken cancellationToken)
    {
        var pause = s_pollBase;
        while (true)
        {
            using (var channel = SwarmTls.Channel(address, serverName, root, own))
            {
                try
                {
                    var answer = await channel.UnaryAsync(
                        SwarmKitMethods.NodeCertificateStatus, new NodeCertificateStatusRequest { NodeId = nodeId }, new CallOptions(s_callTimeout), cancellationToken);
                    if (answer.Status?.State is IssuanceStatus.Types.State.IssuanceFailed)
                    {
                        throw new CaException(answer.Status.Err.Length > 0 ? answer.Status.Err : "certificate issuance failed");
                    }

                    // ROTATE is an issued certificate that is to be renewed soon. Another request's certificate is not ours.
                    if (answer.Status?.State is IssuanceStatus.Types.State.IssuanceIssued or IssuanceStatus.Types.State.IssuanceRotate
                        && answer.Certificate?.Csr.Span.SequenceEqual(request.Pem.Span) == true)
                    {
                        return NodeCertificate.Create(answer.Certificate.Certificate_.Span, request.KeyPem.Span, root);
                    }
                }
                catch (RpcException failure) when (failure.Code is not (StatusCode.NotFound or StatusCode.PermissionDenied))
                {
                    // A deadline is an ordinary "not yet". Otherwise another manager may know.
                    if (failure.Code != StatusCode.DeadlineExceeded)
                    {
                        address = Pick(managers);
                    }
                }
                catch (RpcException refusal)
                {
                    throw CaException.From(refusal);
                }
            }

            await Task.Delay(pause * (0.5 + (random.NextDouble() / 2)), time, cancellationToken);
            pause = pause * 2 < s_pollMax ? pause * 2 : s_pollMax;
        }
    }

    /// <summary>Up to five attempts, two seconds apart, each with a manager picked anew; the last failure is the one reported.</summary>
    private async Task<T> RetryAsync<T>(IReadOnlyList<string> managers, Func<string, Task<T>> attempt, CancellationToken cancellationToken)
    {
        for (var count = 1; ; count++)
        {
            try
            {
                return await attempt(Pick(managers));
            }
            catch (RpcException refusal) when (count == Attempts)
            {
                throw CaException.From(refusal);
            }
            catch (Exception failure) when (failure is RpcException or CaException && count < Attempts)
            {
                await Task.Delay(s_retryPause, time, cancellationToken);
            }
        }
    }

    private string Pick(IReadOnlyList<string> managers)
    {
        lock (random)
        {
            return managers[random.Next(managers.Count)];
        }
    }
}
