using SwarmNet.Ca;
using SwarmNet.EngineApi;
using SwarmNet.EngineApi.Swarm;
using SwarmNet.Manager;
using SwarmNet.Manager.AtRest;
using SwarmNet.Raft;

namespace SwarmNet.Cli.Daemon;

/// <summary>Unlocking this node's manager, and making one from a backup.</summary>
internal sealed partial class SwarmNode
{
    public async Task UnlockAsync(UnlockKey key, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_locked is not { } file)
            {
                throw new ApiException(409, SwarmTexts.NotLocked);
            }

            try
            {
                await ResumeAsync(file, key, _stop.Token).ConfigureAwait(false);
                _locked = null;
            }
            catch (ManagerLockedException)
            {
                throw new ApiException(401, SwarmTexts.WrongUnlockKey);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The key was right, so what is wrong is something else.
                _locked = null;
                _error = e.Message;
                LogResumeFailed(e);
                throw new ApiException(500, $"swarm component could not be started: {e.Message}");
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    public async Task<string> RestoreAsync(SwarmRestore request, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            RefuseWhenMember();
            var backup = SwarmBackup.Open(request.Backup, request.UnlockKey);
            var addresses = NodeAddresses.Resolve(request.ListenAddr, request.AdvertiseAddr, request.DataPathAddr, HostAddresses());
            try
            {
                _manager = await SwarmManager.RestoreAsync(
                    new SwarmManagerOptions
                    {
                        StateDirectory = options.SwarmState,
                        AdvertiseAddr = addresses.AdvertiseText,
                        Api = () => ForwardedApi,
                        LoggerFactory = loggers,
                    },
                    backup,
                    request.Force,
                    cancellationToken).ConfigureAwait(false);
                return await EnterAsManagerAsync(_manager, FileOf(addresses, isManager: true)).ConfigureAwait(false);
            }
            catch
            {
                await StopManagerAsync().ConfigureAwait(false);
                ForgetSwarm();
                throw;
            }
        }
        catch (BackupException e)
        {
            throw new ApiException(400, e.Message);
        }
        catch (Exception e) when (e is IOException or RaftException or CaException)
        {
            throw new ApiException(500, e.Message);
        }
        catch (TimeoutException)
        {
            throw new ApiException(500, "the restored manager did not accept its own node in time: is the advertised address one of this host?");
        }
        finally
        {
            _gate.Release();
        }
    }
}
