using System.Net.Sockets;
using System.Security.Authentication;
using SwarmNet.Ca;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.AtRest;

/// <summary>Asks whether a swarm still has a manager anywhere.</summary>
internal static class SwarmProbe
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    /// <summary>One of the addresses at which a manager with a certificate of this swarm's CA answers; null = none.</summary>
    /// <param name="addresses">host:port each.</param>
    /// <param name="own">A certificate of the swarm, which those managers take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<string?> FindAsync(IEnumerable<string> addresses, NodeCertificate own, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(addresses.Distinct().Select(async address => await AnswersAsync(address, own, cancellationToken) ? address : null));
        return answers.FirstOrDefault(static address => address is not null);
    }

    private static async Task<bool> AnswersAsync(string address, NodeCertificate own, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_patience);
        try
        {
            await using var stream = await SwarmTls.ConnectAsync(address, SwarmRoles.Manager, own.Root, own, limit.Token);
            return true;
        }
        catch (Exception e) when (e is IOException or SocketException or AuthenticationException or FormatException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            return false;
        }
    }
}
