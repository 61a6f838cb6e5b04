using Microsoft.Extensions.Logging;
using SwarmNet.Ca;
using SwarmNet.EngineApi;
using SwarmNet.EngineApi.Swarm;
using SwarmNet.Grpc;
using SwarmNet.Manager;
using SwarmNet.Protocol;
using SwarmNet.Raft;

namespace SwarmNet.Cli.Daemon;

/// <summary>The manager of this node, which comes and goes with the node's role.</summary>
internal sealed partial class SwarmNode
{
    private static readonly TimeSpan _managerPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _maxManagerPause = TimeSpan.FromSeconds(30);

    // What opened the manager last, or would open it again.
    private UnlockKey? _unlockKey;

    // Why this node is no manager, or still is one, against the swarm's will; empty otherwise.
    private volatile string _managerError = "";
    private bool _isRoleTriedAgain;

    /// <summary>What is wrong with this node's manager; empty when nothing is, or there is none to be.</summary>
    private string ManagerProblem => _manager is { DiskProblem.Length: > 0 } full ? full.DiskProblem
        : _managerError.Length > 0 ? _managerError : _manager?.LeaderProblem ?? "";

    /// <summary>Opens the manager of the state folder, or a newcomer where there is none, and its port.</summary>
    private async Task<SwarmManager> OpenManagerAsync(
        MembershipFile file, NodeSecurity? security, bool forceNewCluster, CancellationToken cancellationToken)
    {
        var managerOptions = new SwarmManagerOptions
        {
            StateDirectory = options.SwarmState,
            AdvertiseAddr = file.AdvertiseAddr,
            ForceNewCluster = forceNewCluster,
            Security = security,
            UnlockKey = _unlockKey,
            Api = () => ForwardedApi,
            LoggerFactory = loggers,
        };
        var manager = security is null || SwarmManager.Exists(options.SwarmState)
            ? await SwarmManager.OpenAsync(managerOptions, cancellationToken).ConfigureAwait(false)
            : await SwarmManager.StartNewcomerAsync(managerOptions, cancellationToken).ConfigureAwait(false);
        try
        {
            await manager.ListenAsync(file.ListenEndPoint, cancellationToken).ConfigureAwait(false);
            return manager;
        }
        catch
        {
            await manager.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Starts the worker's half beside a new manager and waits until the one accepts the other; the node id.</summary>
    private async Task<string> EnterAsManagerAsync(SwarmManager manager, MembershipFile file)
    {
        await manager.ListenAsync(file.ListenEndPoint, CancellationToken.None).ConfigureAwait(false);
        return await EnterAsync(manager, file, isJoining: true).ConfigureAwait(false);
    }

    private async Task<string> EnterAsync(SwarmManager manager, MembershipFile file, bool isJoining)
    {
        var member = await StartAsync(file, manager.Security, [file.AdvertiseAddr], isJoining, CancellationToken.None).ConfigureAwait(false);
        try
        {
            await member.Session.SessionEstablished.WaitAsync(_joinPatience, CancellationToken.None).ConfigureAwait(false);
            file.Save(options.SwarmState);
        }
        catch
        {
            await member.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        _membership = member;
        _error = _managerError = "";
        KeepManager(manager, []);
        return manager.NodeId;
    }

    /// <summary>The survivor of a swarm that lost its majority for good becomes its only manager, at the addresses asked for.</summary>
    private async Task<string> ForceNewClusterAsync(SwarmInit request, MembershipFile file)
    {
        if (!SwarmManager.Exists(options.SwarmState))
        {
            throw new ApiException(503, $"--force-new-cluster needs the swarm's state, which managers have: {SwarmTexts.Worker}");
        }

        if (request.AdvertiseAddr.Length > 0 || request.DataPathAddr.Length > 0)
        {
            file = FileOf(NodeAddresses.Resolve(request.ListenAddr, request.AdvertiseAddr, request.DataPathAddr, HostAddresses()), isManager: true);
        }

        if (_membership is { } member)
        {
            _membership = null;
            await member.DisposeAsync().ConfigureAwait(false);
        }

        await StopManagerAsync().ConfigureAwait(false);
        try
        {
            var certificateKey = SwarmManager.CertificateKey(options.SwarmState, _unlockKey);
            var certificates = new CertificateStore(options.SwarmState, certificateKey);
            var security = certificates.Exists ? NodeSecurity.Load(options.SwarmState, certificateKey) : null;
            _manager = await OpenManagerAsync(file, security, forceNewCluster: true, CancellationToken.None).ConfigureAwait(false);
            return await EnterAsync(_manager, file, isJoining: false).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            _error = e.Message;
            await StopManagerAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The certificate was renewed, perhaps in another role: a manager starts or stops. When that fails it is tried again after a pause.</summary>
    private async Task FollowRoleAsync(NodeSecurity security, TimeSpan pause)
    {
        try
        {
            await _gate.WaitAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            return;
        }

        try
        {
            if (_membership is not { } member || member.Security != security)
            {
                return;
            }

            var isManager = security.Certificate.Identity.NodeRole == NodeRole.Manager;
            if (isManager && _manager is null)
            {
                LogPromoted();
                member.File = member.File with { IsManager = true };
                member.File.Save(options.SwarmState);
                _manager = await OpenManagerAsync(member.File, security, forceNewCluster: false, _stop.Token).ConfigureAwait(false);
                KeepManager(_manager, [.. member.Session.Managers.Select(peer => peer.Addr)]);
            }
            else if (!isManager && (_manager is not null || member.File.IsManager))
            {
                LogDemoted();
                await StopManagerAsync().ConfigureAwait(false);
                SwarmManager.Forget(options.SwarmState, security);
                member.File = member.File with { IsManager = false };
                member.File.Save(options.SwarmState);
            }

            _managerError = "";
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            var what = security.Certificate.Identity.NodeRole == NodeRole.Manager ? "started" : "stopped";
            _managerError = $"The manager of this node cannot be {what}, and is tried again: {e.Message}";
            LogRoleFailed(_managerError);
            if (!_isRoleTriedAgain)
            {
                _isRoleTriedAgain = true;
                _ = TryRoleAgainAsync(pause);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task TryRoleAgainAsync(TimeSpan pause)
    {
        await Task.Delay(pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _isRoleTriedAgain = false;
        if (_membership is { } member)
        {
            await FollowRoleAsync(member.Security, Longer(pause)).ConfigureAwait(false);
        }
    }

    private static TimeSpan Longer(TimeSpan pause) => 2 * pause < _maxManagerPause ? 2 * pause : _maxManagerPause;

    /// <summary>In the background: a newcomer, or a manager that has moved, is taken in by the others; one whose log failed is opened again.</summary>
    private void KeepManager(SwarmManager manager, IReadOnlyList<string> managers)
    {
        _ = KeepMemberAsync(manager, managers);
        _ = ReopenWhenFailedAsync(manager);
    }

    private async Task KeepMemberAsync(SwarmManager manager, IReadOnlyList<string> managers)
    {
        var isMember = false;
        while (!_stop.IsCancellationRequested && _manager == manager)
        {
            // By what the managers told last; what is out of date makes it ask once more, and changes nothing.
            var session = _membership?.Session;
            try
            {
                if (!isMember)
                {
                    await manager.JoinAsync(managers, _stop.Token).ConfigureAwait(false);
                    isMember = true;
                }
                else if (session?.Node is { } node && manager.IsStruckOff(node))
                {
                    await manager.JoinAgainAsync([.. session.Managers.Select(peer => peer.Addr)], _stop.Token).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is RpcException or ObjectDisposedException)
            {
                LogNotTakenIn(e.Message);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(_managerPause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReopenWhenFailedAsync(SwarmManager manager)
    {
        await manager.Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (manager.Completion.Exception?.GetBaseException() is not { } fault)
        {
            return;
        }

        _managerError = $"The manager of this node failed, and is opened again: {fault.Message}";
        LogRoleFailed(_managerError);
        var pause = _managerPause;
        while (!_stop.IsCancellationRequested)
        {
            await Task.Delay(pause, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = Longer(pause);
            try
            {
                await _gate.WaitAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            try
            {
                if (_membership is not { } member || member.Security != manager.Security || (_manager is not null && _manager != manager)
                    || member.Security.Certificate.Identity.NodeRole != NodeRole.Manager)
                {
                    return;
                }

                await StopManagerAsync().ConfigureAwait(false);
                _manager = await OpenManagerAsync(member.File, member.Security, forceNewCluster: false, _stop.Token).ConfigureAwait(false);
                KeepManager(_manager, []);
                _managerError = "";
                return;
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                _managerError = $"The manager of this node failed, and is opened again: {e.Message}";
                LogRoleFailed(_managerError);
            }
            finally
            {
                _gate.Release();
            }
        }
    }

    private async Task StopManagerAsync()
    {
        if (_manager is { } manager)
        {
            _manager = null;
            await manager.DisposeAsync().ConfigureAwait(false);
            _unlockKey = manager.UnlockKey;
        }
    }

    [LoggerMessage(5012, LogLevel.Information, "This node becomes a manager")]
    private partial void LogPromoted();

    [LoggerMessage(5013, LogLevel.Information, "This node is a manager no more")]
    private partial void LogDemoted();

    [LoggerMessage(5014, LogLevel.Error, "{Problem}")]
    private partial void LogRoleFailed(string problem);

    [LoggerMessage(5015, LogLevel.Warning, "The other managers do not take this one in yet: {Reason}")]
    private partial void LogNotTakenIn(string reason);
}
