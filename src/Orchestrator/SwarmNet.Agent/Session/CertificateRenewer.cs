using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using SwarmNet.Ca;

namespace SwarmNet.Agent.Session;

/// <summary>Keeps this node's certificate fresh: by its age, and when a manager asks for it.</summary>
internal sealed partial class CertificateRenewer(NodeSecurity security, RemoteManagers managers, TimeProvider time, Random random, ILogger logger)
{
    private static readonly TimeSpan s_askedPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan s_retryBase = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_retryMax = TimeSpan.FromHours(1);

    // Timers do not reach as far as certificates live.
    private static readonly TimeSpan s_longestWait = TimeSpan.FromDays(1);

    private readonly CaClient _client = new(time, random);
    private readonly Channel<bool> _asked = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>A manager wants this node to renew now.</summary>
    public void Ask() => _asked.Writer.TryWrite(true);

    /// <summary>Renews until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await WaitAsync(security.Certificate, cancellationToken);
            await RenewAsync(cancellationToken);
        }
    }

    private async Task WaitAsync(NodeCertificate certificate, CancellationToken cancellationToken)
    {
        TimeSpan delay;
        lock (random)
        {
            delay = RenewalSchedule.Delay(certificate.NotBefore, certificate.NotAfter, time.GetUtcNow(), random);
        }

        var moment = time.GetUtcNow() + delay;
        while (moment - time.GetUtcNow() is var left && left > TimeSpan.Zero)
        {
            using var timer = new CancellationTokenSource(left < s_longestWait ? left : s_longestWait, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellationToken);
            try
            {
                await _asked.Reader.ReadAsync(either.Token);
                await Task.Delay(s_askedPause, time, cancellationToken);
                return;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
            }
        }
    }

    private async Task RenewAsync(CancellationToken cancellationToken)
    {
        for (var failures = 0; ; failures++)
        {
            try
            {
                var addresses = managers.All.Select(peer => peer.Addr).ToList();
                var current = security.Certificate;
                var renewed = addresses.Count > 0
                    ? await _client.RenewAsync(current, addresses, cancellationToken)
                    : throw new CaException("no manager is known");
                security.Replace(renewed);
                Renewed(logger, renewed.NotAfter);
                return;
            }
            catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
            {
                NotRenewed(logger, failure.Message);
                await Task.Delay(RetryPause(failures), time, cancellationToken);
            }
        }
    }

    private TimeSpan RetryPause(int failures)
    {
        var limit = s_retryBase * Math.Pow(2, Math.Min(failures, 16));
        lock (random)
        {
            return s_retryBase + ((limit < s_retryMax ? limit : s_retryMax) * random.NextDouble());
        }
    }

    [LoggerMessage(4203, LogLevel.Information, "The node's certificate was renewed; the new one ends at {NotAfter:u}.")]
    private static partial void Renewed(ILogger logger, DateTimeOffset notAfter);

    [LoggerMessage(4204, LogLevel.Warning, "The node's certificate could not be renewed: {Reason}")]
    private static partial void NotRenewed(ILogger logger, string reason);
}
