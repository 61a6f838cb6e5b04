using System.Runtime.InteropServices;
using SwarmNet.Linux;
using SwarmNet.Netlink;
using SwarmNet.Netlink.NfTables;
using SwarmNet.Overlay.Repairs;

namespace SwarmNet.Overlay.Encryption;

/// <summary>
/// Marks the frames of a network in the network's own namespace, before they reach its tunnel device. The device looks up its route with the mark, and so
/// finds the IPsec policy even when somebody has flushed the rules of the host's namespace. Not thread-safe; its owner locks.
/// </summary>
internal sealed class TunnelMark : IDisposable
{
    private static readonly NfTable _table = new(NfFamily.Bridge, ClearTextRules.Table.Name);
    private readonly NetlinkSocket _socket;

    public TunnelMark(NetworkNamespace network) => _socket = NetlinkSocket.Open(Libc.NETLINK_NETFILTER, network);

    /// <summary>Compares the kernel's table with what is wanted, and puts right what differs.</summary>
    public IReadOnlyList<Repair> Repair(bool inspectOnly = false)
    {
        NfTablesBatch wanted = Define();
        if (NfTableSnapshot.Read(_socket, _table).DifferencesFrom(NfTableSnapshot.Of(wanted, _table)).Count == 0)
        {
            return [];
        }

        if (!inspectOnly)
        {
            wanted.Execute(_socket);
        }

        return [new Repair($"table bridge {_table.Name}", "was missing or altered")];
    }

    public void Dispose() => _socket.Dispose();

    private static NfTablesBatch Define()
    {
        var batch = new NfTablesBatch();
        batch.ReplaceTable(_table).AddBaseChain(_table, new NfBaseChain { Name = "postrouting", Hook = NfHook.Postrouting, Priority = NfPriority.Filter });
        Span<byte> mark = stackalloc byte[sizeof(uint)];
        MemoryMarshal.Write(mark, TransformSet.Id);
        // All frames: what leaves by an endpoint's port loses the mark where it enters the endpoint's namespace.
        return batch.AddRule(_table, "postrouting").Immediate(NfRegister.R0, mark).SetMeta(NfMetaKey.Mark, NfRegister.R0).End();
    }
}
