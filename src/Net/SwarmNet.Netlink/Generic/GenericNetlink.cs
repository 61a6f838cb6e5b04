using SwarmNet.Linux;
using static SwarmNet.Netlink.Generic.GenericConstants;

namespace SwarmNet.Netlink.Generic;

/// <summary>
/// A generic netlink socket of one namespace: finds families by name, sends their requests. Thread-safe; calls take microseconds and
/// block that long.
/// </summary>
public sealed class GenericNetlink : IDisposable
{
    // nlmsghdr and genlmsghdr; names are at most 15 bytes (GENL_NAMSIZ).
    private const int RequestBytes = 64;

    private static readonly NetlinkAttributeSet _attributes = new NetlinkAttributeSet(headerBytes: 4).Add(CTRL_ATTR_FAMILY_NAME, nameof(CTRL_ATTR_FAMILY_NAME));

    private readonly NetlinkSocket _socket;

    private GenericNetlink(NetlinkSocket socket) => _socket = socket;

    /// <summary>Opens a socket in <paramref name="ns"/>, or in the namespace of the process.</summary>
    public static GenericNetlink Open(NetworkNamespace? ns = null) => new(NetlinkSocket.Open(Libc.NETLINK_GENERIC, ns));

    /// <summary>
    /// The family of that name, null when the kernel has none. The kernel loads a module that says it provides the family
    /// (<c>MODULE_ALIAS_GENL_FAMILY</c>) first; this can take a fraction of a second.
    /// </summary>
    public GenericFamily? FindFamily(string name)
    {
        NetlinkWriter request = Begin(NetlinkFlags.Ack);
        request.PutString(CTRL_ATTR_FAMILY_NAME, name);
        request.EndMessage();
        return _socket.QueryOne<GenericFamily>(request, GenericFamily.TryParse, $"find family {name}", Errno.ENOENT, Schema);
    }

    /// <summary>All families that are registered now.</summary>
    public IReadOnlyList<GenericFamily> GetFamilies()
    {
        NetlinkWriter request = Begin(NetlinkFlags.Dump);
        request.EndMessage();
        return _socket.Query<GenericFamily>(request, GenericFamily.TryParse, "list families", Schema);
    }

    /// <summary>Sends all requests of a family; throws the first refusal as <see cref="NetlinkException"/> after trying all.</summary>
    public void Execute(NetlinkBatch batch) => _socket.Execute(batch);

    /// <summary>Sends all requests; true when none was refused, else see <see cref="NetlinkBatch.Failures"/>.</summary>
    public bool TryExecute(NetlinkBatch batch) => _socket.TryExecute(batch);

    /// <inheritdoc cref="NetlinkSocket.Query"/>
    public List<T> Query<T>(NetlinkWriter request, NetlinkParser<T> parser, string operation, NetlinkSchema? schema = null) =>
        _socket.Query(request, parser, operation, schema);

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static NetlinkAttributeSet? Schema(ushort messageType) => messageType == GENL_ID_CTRL ? _attributes : null;

    private static NetlinkWriter Begin(NetlinkFlags flags)
    {
        var request = new NetlinkWriter(RequestBytes);
        request.BeginMessage(GENL_ID_CTRL, NetlinkFlags.Request | flags, NetlinkSocket.NextSequence());
        request.Append(new GenericHeader(CTRL_CMD_GETFAMILY, 1));
        return request;
    }
}
