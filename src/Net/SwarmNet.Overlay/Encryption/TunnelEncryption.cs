using System.Net;
using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.Xfrm;
using SwarmNet.Overlay.Repairs;

namespace SwarmNet.Overlay.Encryption;

/// <summary>
/// Encrypts the tunnels of some of a host's overlay networks: ESP in transport mode around the VXLAN packets, with Docker's parameters, so that
/// its engines take part. It fails closed: from <see cref="Protect"/> on, clear text of the network is dropped in both directions, whether or
/// not there are keys and peers.
/// </summary>
/// <remarks>
/// For each network: <see cref="Protect"/>, then make its tunnel device and <see cref="Mark"/> its namespace; <see cref="SetPeers"/>, then enter
/// the peers in it; remove the device, then <see cref="Release"/>. Rules and states outlive this object and its process; a new one goes on with them. Thread-safe; calls
/// block for microseconds to some milliseconds.
/// </remarks>
public sealed class TunnelEncryption : IDisposable
{
    /// <summary>Name of the tables (family inet in the host's namespace, bridge in the networks' own). Only these are ever touched.</summary>
    public const string TableName = "swarmnet_encryption";

    private readonly TunnelEncryptionOptions _options;
    private readonly Lock _lock = new();
    private readonly ClearTextGuard _guard;
    private readonly Dictionary<uint, HashSet<IPAddress>> _networks = [];
    private readonly Dictionary<uint, TunnelMark> _marks = [];
    private readonly HashSet<IPAddress> _formerPeers = [];
    private IReadOnlyList<TunnelKey> _keys = [];
    private XfrmSocket? _transforms;
    private TransformSet? _current;

    private TunnelEncryption(TunnelEncryptionOptions options)
    {
        _options = options;
        _guard = new ClearTextGuard(options.HostNamespace, options.Port, options.LocalVtep.AddressFamily);
    }

    /// <summary>Packets that were dropped since they would have left, or had arrived, in clear text.</summary>
    public (ulong Out, ulong In) Dropped
    {
        get
        {
            lock (_lock)
            {
                (ulong outgoing, ulong incoming, _) = _guard.Counts;
                return (outgoing, incoming);
            }
        }
    }

    /// <summary>Opens it over what an earlier process left; changes nothing yet.</summary>
    public static TunnelEncryption Open(TunnelEncryptionOptions options) => new(options);

    /// <summary>
    /// The keys in force: all are received, the first one is sent with. On a rotation the new key comes last, and is first only when all hosts
    /// have it. An empty list changes nothing: a host that does not know the keys yet goes on with those that it had.
    /// </summary>
    public void SetKeys(IReadOnlyList<TunnelKey> keys)
    {
        if (keys.Select(static key => key.Tag).Distinct().Count() != keys.Count)
        {
            throw new ArgumentException("Every key must have its own tag.", nameof(keys));
        }

        lock (_lock)
        {
            if (keys.Count > 0 && !keys.SequenceEqual(_keys))
            {
                _keys = [.. keys];
                Apply();
            }
        }
    }

    /// <summary>
    /// From here on no clear text of the network leaves or arrives; a self-test has shown it when this returns. Idempotent. Call it before the
    /// network's tunnel device is made.
    /// </summary>
    /// <exception cref="OverlayException">The kernel lacks something, which is named, or clear text passed: the network must not be made.</exception>
    public void Protect(uint vni)
    {
        lock (_lock)
        {
            if (_networks.ContainsKey(vni))
            {
                return;
            }

            if (EncryptionProbe.WhatIsMissing(_options.LocalVtep.AddressFamily) is { } missing)
            {
                throw new OverlayException($"this host cannot encrypt networks: {missing}");
            }

            bool isNew = _guard.Add(vni);
            try
            {
                _guard.Repair();
                ClearTextTest.Run(_options.HostNamespace, _options.LocalVtep, _options.Port, vni, _guard);
            }
            catch when (isNew)
            {
                _guard.Remove(vni);
                throw;
            }

            _networks.Add(vni, []);
        }
    }

    /// <summary>
    /// Has frames marked in the protected network's own namespace, so that they are encrypted even when the rules of the host's namespace are flushed. Idempotent.
    /// </summary>
    /// <param name="vni">The network.</param>
    /// <param name="network">Where its bridge and its tunnel device are; need not stay open.</param>
    public void Mark(uint vni, NetworkNamespace network)
    {
        lock (_lock)
        {
            ThrowUnlessProtected(vni);
            if (_marks.Remove(vni, out TunnelMark? before))
            {
                before.Dispose();
            }

            _marks.Add(vni, new TunnelMark(network));
            _marks[vni].Repair();
        }
    }

    /// <summary>The tunnel ends, of the local one's family, of the other hosts that take part in a protected network. Call it before they are entered in its tunnel device.</summary>
    /// <returns>Number of states and policies that changed.</returns>
    public int SetPeers(uint vni, IEnumerable<IPAddress> vteps)
    {
        lock (_lock)
        {
            HashSet<IPAddress> before = ThrowUnlessProtected(vni);
            HashSet<IPAddress> peers = [.. vteps.Where(vtep => !vtep.Equals(_options.LocalVtep) && vtep.AddressFamily == _options.LocalVtep.AddressFamily)];
            if (peers.SetEquals(before))
            {
                return 0;
            }

            _formerPeers.UnionWith(before);
            _networks[vni] = peers;
            return Apply();
        }
    }

    /// <summary>
    /// Clear text of the network may pass again, and peers of no other network are forgotten. Call it after its tunnel device is gone, and
    /// before a network that is not encrypted uses the VNI. Idempotent.
    /// </summary>
    public void Release(uint vni)
    {
        lock (_lock)
        {
            if (_networks.Remove(vni, out HashSet<IPAddress>? peers) && peers.Count > 0)
            {
                _formerPeers.UnionWith(peers);
                Apply();
            }

            if (_marks.Remove(vni, out TunnelMark? mark))
            {
                mark.Dispose(); // its table goes with the network's namespace
            }

            _guard.Remove(vni);
        }
    }

    /// <summary>Compares the kernel with what is wanted, and puts right what differs.</summary>
    /// <param name="inspectOnly">Only say it.</param>
    public IReadOnlyList<Repair> Repair(bool inspectOnly = false)
    {
        lock (_lock)
        {
            if (_networks.Count == 0)
            {
                return [];
            }

            var repairs = new List<Repair>(_guard.Repair(inspectOnly));
            repairs.AddRange(_marks.Values.SelectMany(mark => mark.Repair(inspectOnly)));
            _current = null;
            if (_keys.Count > 0)
            {
                // What an earlier process left may belong to networks that are still to be taken up.
                bool isComplete = _guard.Vnis.All(_networks.ContainsKey);
                Apply(isComplete, repairs, inspectOnly);
            }

            return repairs;
        }
    }

    /// <summary>Removes all rules, states and policies, also those of an earlier process. Remove the networks first.</summary>
    public void Delete()
    {
        lock (_lock)
        {
            _networks.Clear();
            _formerPeers.Clear();
            _guard.Delete();
            TransformSet found;
            try
            {
                _transforms ??= XfrmSocket.Open(_options.HostNamespace);
                found = TransformKernel.Load(_transforms);
            }
            catch (LinuxException e) when (e.Errno is Errno.EPROTONOSUPPORT)
            {
                return; // a kernel without IPsec has nothing
            }

            _transforms.Execute(TransformKernel.Encode(TransformDiff.Compute(found, new TransformSet(), static _ => true, static _ => true)));
            _current = null;
        }
    }

    /// <summary>Closes the descriptors; rules, states and policies stay in force.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _guard.Dispose();
            _transforms?.Dispose();
            foreach (TunnelMark mark in _marks.Values)
            {
                mark.Dispose();
            }

            _marks.Clear();
        }
    }

    private HashSet<IPAddress> ThrowUnlessProtected(uint vni) =>
        _networks.TryGetValue(vni, out HashSet<IPAddress>? peers) ? peers : throw new InvalidOperationException($"The VNI {vni} is not protected.");

    private int Apply(bool isComplete = false, List<Repair>? repairs = null, bool inspectOnly = false)
    {
        if (_keys.Count == 0)
        {
            return 0;
        }

        _transforms ??= XfrmSocket.Open(_options.HostNamespace);
        HashSet<IPAddress> peers = [.. _networks.Values.SelectMany(static vteps => vteps)];
        TransformSet wanted = TransformSet.Wanted(_options.LocalVtep, _options.Port, _keys, peers);
        TransformSet current = _current ?? TransformKernel.Load(_transforms);
        List<TransformChange> changes = TransformDiff.Compute(
            current,
            wanted,
            state => isComplete || IsOver(state.Source) || IsOver(state.Destination) || !IsKeyed(state),
            policy => isComplete || IsOver(policy.Selector.Destination.BaseAddress));
        repairs?.AddRange(changes.Select(change => TransformKernel.Describe(change, current)));
        if (inspectOnly)
        {
            return changes.Count;
        }

        if (changes.Count > 0)
        {
            _current = null; // unknown until the kernel has taken all of it
            _transforms.Execute(TransformKernel.Encode(changes));
            TransformDiff.Apply(current, changes);
        }

        _current = current;
        _formerPeers.Clear();
        return changes.Count;

        bool IsOver(IPAddress address) => peers.Contains(address) || _formerPeers.Contains(address);
        bool IsKeyed(XfrmStateSpec state) => _keys.Any(key => state.Aead.Key.Span.StartsWith(key.Secret));
    }
}
