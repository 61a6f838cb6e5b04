using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using SwarmNet.Agent.Executor;
using SwarmNet.Agent.Images;
using SwarmNet.Agent.Network;
using SwarmNet.Ca;
using SwarmNet.EngineApi;
using SwarmNet.EngineApi.Events;
using SwarmNet.EngineApi.Logs;
using SwarmNet.EngineApi.Swarm;
using SwarmNet.Grpc;
using SwarmNet.Manager;
using SwarmNet.Manager.AtRest;
using SwarmNet.Manager.Control;
using SwarmNet.Protocol;

namespace SwarmNet.Cli.Daemon;

/// <summary>This node's place in a swarm: enters one, takes it up again after a restart, leaves it. One change at a time.</summary>
internal sealed partial class SwarmNode(DaemonOptions options, ImageStore images, EventLog events, ILoggerFactory loggers) : ISwarmNode, IAsyncDisposable
{
    private static readonly TimeSpan _joinPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _leavePatience = TimeSpan.FromSeconds(60);

    private readonly ILogger _logger = loggers.CreateLogger<SwarmNode>();
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly CancellationTokenSource _stop = new();
    private volatile Membership? _membership;
    private volatile SwarmManager? _manager;
    private volatile Task? _joining;

    // Of a membership that waits for its unlock key.
    private volatile MembershipFile? _locked;
    private volatile string _error = "";

    public SwarmNodeStatus Status
    {
        get
        {
            if (_membership is not { } member)
            {
                if (_locked is { } locked)
                {
                    return new SwarmNodeStatus(LocalNodeState.Locked, "", System.Net.IPEndPoint.Parse(locked.AdvertiseAddr).Address.ToString(), SwarmTexts.Locked, []);
                }

                return new SwarmNodeStatus(_joining is not null ? LocalNodeState.Pending : _error.Length > 0 ? LocalNodeState.Error : LocalNodeState.Inactive, "", "", _error, []);
            }

            var address = System.Net.IPEndPoint.Parse(member.File.AdvertiseAddr).Address.ToString();
            return new SwarmNodeStatus(LocalNodeState.Active, member.Security.Certificate.Identity.NodeId, address, ManagerProblem, member.Session.Managers);
        }
    }

    public SwarmManager? Manager => _manager;

    public RequestDelegate? ForwardedApi { get; set; }

    public OciExecutor? Executor => _membership?.Executor;

    public ILogSource? Logs => _manager?.Logs is { } logs ? new BrokerLogSource(logs) : null;

    /// <summary>Takes the membership up that the state folder records. A failure leaves the node in state <c>error</c>, with the reason.</summary>
    public async Task ResumeAsync(CancellationToken cancellationToken)
    {
        if (MembershipFile.Load(options.SwarmState) is not { } file)
        {
            return;
        }

        try
        {
            await ResumeAsync(file, unlockKey: null, cancellationToken).ConfigureAwait(false);
        }
        catch (ManagerLockedException)
        {
            _locked = file;
            LogLocked();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _error = e.Message;
            LogResumeFailed(e);
        }
    }

    private async Task ResumeAsync(MembershipFile file, UnlockKey? unlockKey, CancellationToken cancellationToken)
    {
        try
        {
            var certificateKey = SwarmManager.CertificateKey(options.SwarmState, unlockKey);
            var certificates = new CertificateStore(options.SwarmState, certificateKey);
            var security = certificates.Exists ? NodeSecurity.Load(options.SwarmState, certificateKey) : null;
            _unlockKey = unlockKey;

            // The certificate says what the swarm has made of this node, perhaps while the daemon was stopped.
            if (security is null ? file.IsManager : security.Certificate.Identity.NodeRole == NodeRole.Manager)
            {
                _manager = await OpenManagerAsync(file, security, forceNewCluster: false, cancellationToken).ConfigureAwait(false);
                security = _manager.Security;
            }
            else if (security is not null)
            {
                SwarmManager.Forget(options.SwarmState, security);
            }

            _membership = await StartAsync(
                file, security ?? NodeSecurity.Load(options.SwarmState), _manager is null ? [] : [file.AdvertiseAddr], isJoining: false, cancellationToken).ConfigureAwait(false);
            if (_manager is { } manager)
            {
                KeepManager(manager, []);
            }
        }
        catch
        {
            await StopManagerAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async Task<string> InitAsync(SwarmInit request, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (request.ForceNewCluster && _locked is not null)
            {
                throw new ApiException(503, SwarmTexts.Locked);
            }

            if (request.ForceNewCluster && MembershipFile.Load(options.SwarmState) is { } present)
            {
                return await ForceNewClusterAsync(request, present).ConfigureAwait(false);
            }

            RefuseWhenMember();
            var addresses = NodeAddresses.Resolve(request.ListenAddr, request.AdvertiseAddr, request.DataPathAddr, HostAddresses());
            _manager = await BootstrapAsync(request, addresses, cancellationToken).ConfigureAwait(false);
            try
            {
                return await EnterAsManagerAsync(_manager, FileOf(addresses, isManager: true)).ConfigureAwait(false);
            }
            catch
            {
                await StopManagerAsync().ConfigureAwait(false);
                ForgetSwarm();
                throw;
            }
        }
        catch (IOException e)
        {
            throw new ApiException(500, e.Message);
        }
        catch (TimeoutException)
        {
            throw new ApiException(500, "the new manager did not accept its own node in time: is the advertised address one of this host?");
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task JoinAsync(SwarmJoin request, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        Task joining;
        try
        {
            RefuseWhenMember();
            var addresses = NodeAddresses.Resolve(
                request.ListenAddr, request.AdvertiseAddr, request.DataPathAddr, HostAddresses(), request.RemoteAddrs.Select(TowardsManager).FirstOrDefault(a => a is not null));
            if (!JoinToken.TryParse(request.JoinToken, out var token))
            {
                throw new ApiException(500, "invalid join token");
            }

            // Goes on in the background when it takes longer than the request waits, as in Docker.
            _joining = joining = JoinAsync(request, addresses, token, _stop.Token);
        }
        finally
        {
            _gate.Release();
        }

        try
        {
            await joining.WaitAsync(_joinPatience, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new ApiException(503, SwarmTexts.JoinTimeout);
        }
        catch (RpcException e)
        {
            throw new ApiException(500, $"rpc error: code = {e.Status.Code} desc = {e.Status.Detail}");
        }
        catch (CaException e)
        {
            throw new ApiException(e.Code == StatusCode.Unknown ? 500 : 503, e.Code == StatusCode.Unknown ? e.Message : $"rpc error: code = {e.Code} desc = {e.Message}");
        }
    }

    public async Task LeaveAsync(bool force, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_membership is null && _locked is null && _error.Length == 0)
            {
                throw new ApiException(503, SwarmTexts.NotInSwarm);
            }

            var status = Status;
            if (!force && LeaveProtection.Refusal(status.State, _manager is not null, _manager?.Store.View, status.NodeId, _manager?.HasLeader == true) is { } refusal)
            {
                throw new ApiException(503, refusal);
            }

            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            patience.CancelAfter(_leavePatience);
            if (_membership is { } member)
            {
                await member.WithdrawAsync(patience.Token).ConfigureAwait(false);
                _membership = null;
                await member.DisposeAsync().ConfigureAwait(false);
            }
            else
            {
                await WithdrawLeftoversAsync(patience.Token).ConfigureAwait(false);
            }

            await StopManagerAsync().ConfigureAwait(false);
            ForgetSwarm();
            _locked = null;
            _error = "";
        }
        finally
        {
            _gate.Release();
        }
    }

    public Task<NetworkReport> ExamineNetworkAsync(bool repair, CancellationToken cancellationToken) =>
        (_membership ?? throw new ApiException(503, SwarmTexts.NotInSwarm)).Network.ExamineAsync(repair, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        if (_joining is { } joining)
        {
            await joining.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (_membership is { } member)
        {
            await member.DisposeAsync().ConfigureAwait(false);
        }

        await StopManagerAsync().ConfigureAwait(false);
        _stop.Dispose();
        _gate.Dispose();
    }

    /// <summary>A membership whose network's repairs are events of this engine.</summary>
    private async Task<Membership> StartAsync(
        MembershipFile file, NodeSecurity security, IReadOnlyList<string> managers, bool isJoining, CancellationToken cancellationToken)
    {
        var member = await Membership.StartAsync(options, file, security, managers, isJoining, images, loggers, cancellationToken).ConfigureAwait(false);
        security.Changed += changed => _ = FollowRoleAsync(security, _managerPause);
        member.Network.Repaired += finding => events.Add(new EngineEvent(
            "network",
            "repair",
            finding.Scope,
            new Dictionary<string, string> { ["object"] = finding.Repair.Subject, ["difference"] = finding.Repair.Difference },
            "local",
            Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow())));
        return member;
    }

    private async Task<SwarmManager> BootstrapAsync(SwarmInit request, NodeAddresses addresses, CancellationToken cancellationToken)
    {
        try
        {
            return await SwarmManager.BootstrapAsync(
                new SwarmManagerOptions
                {
                    StateDirectory = options.SwarmState,
                    AdvertiseAddr = addresses.AdvertiseText,
                    Availability = request.Availability,
                    ClusterSpec = request.Spec,
                    DefaultAddressPool = request.DefaultAddrPool,
                    SubnetSize = request.SubnetSize,
                    DataPathPort = request.DataPathPort,
                    AutoLock = request.AutoLockManagers,
                    Api = () => ForwardedApi,
                    LoggerFactory = loggers,
                },
                cancellationToken).ConfigureAwait(false);
        }
        catch (ControlException e)
        {
            throw new ApiException(e.Code == StatusCode.Unimplemented ? 501 : 400, e.Message);
        }
    }

    private async Task JoinAsync(SwarmJoin request, NodeAddresses addresses, JoinToken token, CancellationToken cancellationToken)
    {
        try
        {
            var certificate = await new CaClient(TimeProvider.System, new Random())
                .JoinAsync(request.RemoteAddrs, token, request.Availability, cancellationToken).ConfigureAwait(false);
            var security = NodeSecurity.Create(options.SwarmState, certificate);
            var isManager = certificate.Identity.NodeRole == NodeRole.Manager;
            var file = FileOf(addresses, isManager);
            if (isManager)
            {
                _manager = await OpenManagerAsync(file, security, forceNewCluster: false, cancellationToken).ConfigureAwait(false);
                await _manager.JoinAsync(request.RemoteAddrs, cancellationToken).ConfigureAwait(false);
            }

            var member = await StartAsync(file, security, request.RemoteAddrs, isJoining: true, cancellationToken).ConfigureAwait(false);
            try
            {
                await member.Session.SessionEstablished.WaitAsync(cancellationToken).ConfigureAwait(false);
                file.Save(options.SwarmState);
            }
            catch
            {
                await member.DisposeAsync().ConfigureAwait(false);
                throw;
            }

            _membership = member;
            _error = "";
            if (_manager is { } manager)
            {
                KeepManager(manager, []);
            }
        }
        catch (Exception e)
        {
            LogJoinFailed(e.Message);
            await StopManagerAsync().ConfigureAwait(false);
            ForgetSwarm();
            throw;
        }
        finally
        {
            _joining = null;
        }
    }

    /// <summary>As far as it can be done: what keeps the membership from being taken up must not keep the node from leaving.</summary>
    private async Task WithdrawLeftoversAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Membership.WithdrawAsync(options, images, loggers, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            LogNotWithdrawn(e);
        }
    }

    private void RefuseWhenMember()
    {
        if (_membership is not null || _joining is not null || _locked is not null || _error.Length > 0)
        {
            throw new ApiException(503, SwarmTexts.AlreadyInSwarm);
        }
    }

    /// <summary>The record of the membership goes first: without it what is left counts for nothing.</summary>
    private void ForgetSwarm()
    {
        _unlockKey = null;
        _managerError = "";
        if (Directory.Exists(options.SwarmState))
        {
            File.Delete(MembershipFile.PathIn(options.SwarmState));
        }

        foreach (var folder in new[] { options.SwarmState, Path.Combine(options.State, "worker") })
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private static MembershipFile FileOf(NodeAddresses addresses, bool isManager) => new()
    {
        ListenAddr = addresses.ListenText,
        AdvertiseAddr = addresses.AdvertiseText,
        DataPathAddr = addresses.DataPath.ToString(),
        LocalAddr = (addresses.DataPath.Equals(addresses.Advertise) ? addresses.Local : addresses.DataPath).ToString(),
        IsManager = isManager,
    };

    /// <summary>The address that the kernel's routes choose as the source of what goes to a manager; null when there is no route, or the manager's address is a name.</summary>
    private static IPAddress? TowardsManager(string manager)
    {
        if (!IPEndPoint.TryParse(manager, out var to))
        {
            return null;
        }

        try
        {
            // Connecting a datagram socket sends nothing.
            using var probe = new Socket(to.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            probe.Connect(to.Address, to.Port == 0 ? NodeAddresses.DefaultPort : to.Port);
            return probe.LocalEndPoint is IPEndPoint { Address: var address } && !IPAddress.IsLoopback(address) ? address : null;
        }
        catch (SocketException)
        {
            return null;
        }
    }

    private static List<HostAddress> HostAddresses() =>
        [.. NetworkInterface.GetAllNetworkInterfaces()
            .SelectMany(i => i.GetIPProperties().UnicastAddresses.Select(a => new HostAddress(i.Name, a.Address)))];

    [LoggerMessage(5010, LogLevel.Error, "The membership in a swarm cannot be taken up")]
    private partial void LogResumeFailed(Exception error);

    [LoggerMessage(5017, LogLevel.Warning, "This node's manager is locked: it waits for \"swarm unlock\"")]
    private partial void LogLocked();

    [LoggerMessage(5018, LogLevel.Error, "What this node ran for the swarm that it leaves could not all be ended: look for containers and links that are left")]
    private partial void LogNotWithdrawn(Exception error);

    [LoggerMessage(5011, LogLevel.Error, "Joining failed: {Reason}")]
    private partial void LogJoinFailed(string reason);
}
