using System.Net;
using System.Net.Sockets;

namespace SwarmNet.Gossip;

// Joining, and joining again when everybody that was joined is gone.
public sealed partial class GossipNode
{
    private static readonly TimeSpan s_rejoinInterval = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_aloneInterval = TimeSpan.FromSeconds(5);

    private async Task<int> JoinSeedsAsync(CancellationToken cancellationToken)
    {
        IPEndPoint[] seeds;
        lock (_seeds)
        {
            seeds = [.. _seeds];
        }

        int joined = 0;
        List<string> failures = [];
        foreach (IPEndPoint seed in seeds)
        {
            using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
            deadline.CancelAfter(_options.Timers.StreamTimeout);
            try
            {
                await PushPullAsync(seed, join: true, deadline.Token);
                joined++;
            }
            catch (Exception exception) when (exception is SocketException or GossipException
                || (exception is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
                failures.Add($"{seed}: {exception.Message}");
            }
        }

        if (joined == 0 && seeds.Length > 0)
        {
            throw new GossipException($"None of {seeds.Length} gossip members could be joined; check addresses, port and keys. {string.Join("; ", failures)}");
        }

        if (_tables is not null)
        {
            await RunAsync(_tables.AnnounceJoin, cancellationToken);
        }

        return joined;
    }

    private async Task RejoinAsync()
    {
        TimeSpan next = Now + s_rejoinInterval;
        TimeSpan nextAlone = Now + s_aloneInterval;
        try
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), _time, _stopping.Token);
                bool alone = !Members.Any(member => member.Name != NodeName && member.State == MemberState.Alive);
                if (IsAnySeedAlive() || Now < (alone ? nextAlone : next))
                {
                    continue;
                }

                next = Now + s_rejoinInterval;
                nextAlone = Now + s_aloneInterval;
                try
                {
                    await JoinSeedsAsync(_stopping.Token);
                }
                catch (GossipException exception)
                {
                    LogExchangeFailed(_logger, NodeName, EndPoint, exception.Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Disposed.
        }
    }

    private bool IsAnySeedAlive()
    {
        lock (_seeds)
        {
            return _seeds.Count == 0
                || _seeds.Exists(seed => Members.Any(member => member.State == MemberState.Alive && member.EndPoint.Address.Equals(seed.Address)));
        }
    }
}
