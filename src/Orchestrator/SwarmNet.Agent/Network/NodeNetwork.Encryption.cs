using Microsoft.Extensions.Logging;
using SwarmNet.Agent.Tasks;
using SwarmNet.Linux;
using SwarmNet.Overlay;
using SwarmNet.Overlay.Encryption;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Network;

// Encrypted networks. Callers hold the gate unless it says so.
public sealed partial class NodeNetwork
{
    private const string EncryptionSubsystem = "networking:ipsec";

    private TunnelEncryption? _encryption;
    private ulong _newestKey;

    /// <summary>
    /// The swarm's keys, as a session message has them; those of encrypted networks are put into force. A list without a newer key changes nothing. Takes the gate.
    /// </summary>
    public async Task UseKeysAsync(IReadOnlyCollection<EncryptionKey> bootstrapKeys, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var keys = BootstrapKeys.InOrderOfUse(bootstrapKeys, EncryptionSubsystem);
            var newest = keys.Select(k => k.LamportTime).DefaultIfEmpty().Max();
            if (newest <= _newestKey)
            {
                return;
            }

            // The tag is the Lamport time, cut to 32 bits, as in Docker's engine.
            Encryption().SetKeys([.. keys.Select(k => new TunnelKey(unchecked((uint)k.LamportTime), k.Key.Span))]);
            _newestKey = newest;
        }
        catch (Exception e) when (e is LinuxException or Netlink.NetlinkException or ArgumentException)
        {
            LogKeysRefused(e.Message);
        }
        finally
        {
            _gate.Release();
        }
    }

    private TunnelEncryption Encryption()
    {
        WatchHost();
        return _encryption ??= TunnelEncryption.Open(new TunnelEncryptionOptions { LocalVtep = _options.TunnelAddress, Port = _dataPort });
    }

    /// <summary>Before a network is made: shuts clear text out where it must be encrypted, and lets it pass where an earlier network of that VNI was.</summary>
    private void Secure(OverlayParameters parameters)
    {
        if (!parameters.IsEncrypted)
        {
            foreach (var subnet in parameters.Subnets)
            {
                Encryption().Release(subnet.Vni);
            }

            return;
        }

        try
        {
            foreach (var subnet in parameters.Subnets)
            {
                Encryption().Protect(subnet.Vni);
            }
        }
        catch (OverlayException e)
        {
            throw new TaskException($"network {parameters.Name} must be encrypted, but {e.Message}", inner: e);
        }
    }

    [LoggerMessage(3008, LogLevel.Error, "The swarm's new keys for encrypted networks are not in force; those of before are: {Reason}")]
    private partial void LogKeysRefused(string reason);
}
