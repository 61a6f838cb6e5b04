using SwarmNet.Linux;
using static SwarmNet.Netlink.Xfrm.XfrmConstants;

namespace SwarmNet.Netlink.Xfrm;

/// <summary>
/// IPsec states and policies of one namespace (ip-xfrm(8)). Changes go through an <see cref="XfrmBatch"/>; listings are typed records.
/// Thread-safe; calls take microseconds and block that long. A kernel without IPsec refuses <see cref="Open"/> with EPROTONOSUPPORT.
/// </summary>
public sealed class XfrmSocket : IDisposable
{
    private readonly NetlinkSocket _socket;

    private XfrmSocket(NetlinkSocket socket) => _socket = socket;

    /// <summary>Opens a socket in <paramref name="ns"/>, or in the namespace of the process.</summary>
    public static XfrmSocket Open(NetworkNamespace? ns = null) => new(NetlinkSocket.Open(Libc.NETLINK_XFRM, ns));

    /// <summary>Sends all changes; throws the first refusal as <see cref="NetlinkException"/> after trying all.</summary>
    public void Execute(XfrmBatch batch) => _socket.Execute(batch);

    /// <summary>Sends all changes; true when none was refused, else see <see cref="NetlinkBatch.Failures"/>.</summary>
    public bool TryExecute(XfrmBatch batch) => _socket.TryExecute(batch);

    /// <summary>All states with an authenticated cipher; others are left out.</summary>
    public IReadOnlyList<XfrmStateEntry> GetStates()
    {
        NetlinkWriter request = Begin(XFRM_MSG_GETSA, NetlinkFlags.Dump);
        request.EndMessage();
        return _socket.Query<XfrmStateEntry>(request, XfrmStateEntry.TryParse, "list states", XfrmSchema.Of);
    }

    /// <summary>One state; null when there is none.</summary>
    public XfrmStateEntry? FindState(in XfrmStateId id)
    {
        NetlinkWriter request = Begin(XFRM_MSG_GETSA, NetlinkFlags.Ack);
        XfrmCodec.WriteStateId(request, id);
        request.EndMessage();
        return _socket.QueryOne<XfrmStateEntry>(request, XfrmStateEntry.TryParse, "get state", Errno.ESRCH, XfrmSchema.Of);
    }

    /// <summary>All policies.</summary>
    public IReadOnlyList<XfrmPolicySpec> GetPolicies()
    {
        NetlinkWriter request = Begin(XFRM_MSG_GETPOLICY, NetlinkFlags.Dump);
        request.EndMessage();
        return _socket.Query<XfrmPolicySpec>(request, XfrmPolicySpec.TryParse, "list policies", XfrmSchema.Of);
    }

    /// <summary>The policy with that direction, selector and mark; null when there is none.</summary>
    public XfrmPolicySpec? FindPolicy(XfrmDirection direction, XfrmSelector selector, XfrmMark? mark = null)
    {
        NetlinkWriter request = Begin(XFRM_MSG_GETPOLICY, NetlinkFlags.Ack);
        XfrmCodec.WritePolicyId(request, direction, selector, mark);
        request.EndMessage();
        return _socket.QueryOne<XfrmPolicySpec>(request, XfrmPolicySpec.TryParse, "get policy", Errno.ENOENT, XfrmSchema.Of);
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static NetlinkWriter Begin(ushort type, NetlinkFlags flags)
    {
        var request = new NetlinkWriter(128);
        request.BeginMessage(type, NetlinkFlags.Request | flags, NetlinkSocket.NextSequence());
        return request;
    }
}
