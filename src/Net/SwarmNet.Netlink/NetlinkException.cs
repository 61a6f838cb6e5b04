using System.Runtime.InteropServices;
using SwarmNet.Linux;

namespace SwarmNet.Netlink;

/// <summary>A netlink request that the kernel refused, or whose answer could not be understood.</summary>
public sealed class NetlinkException : IOException
{
    /// <summary>Creates the exception for a refused request.</summary>
    public NetlinkException(string operation, Errno errno, string? kernelMessage = null, int attributeOffset = 0, string? attribute = null)
        : this(operation, new NetlinkError(errno, kernelMessage, attributeOffset), attribute, null)
    {
    }

    private NetlinkException(string operation, in NetlinkError error, string? attribute, string? hint)
        : base(Describe(operation, error, attribute, hint), (int)error.Errno)
    {
        Operation = operation;
        Errno = error.Errno;
        KernelMessage = error.Message;
        AttributeOffset = error.Offset;
        Attribute = attribute;
    }

    /// <summary>What was asked for, for example <c>add veth a</c>.</summary>
    public string Operation { get; }

    /// <summary>The kernel's error number. EPROTO: the answer was malformed or missing.</summary>
    public Errno Errno { get; }

    /// <summary>The text of the extended ACK (NLMSGERR_ATTR_MSG), null when the kernel gave none.</summary>
    public string? KernelMessage { get; }

    /// <summary>Offset in the request of the attribute that was refused (NLMSGERR_ATTR_OFFS), 0 when unknown.</summary>
    public int AttributeOffset { get; }

    /// <summary>
    /// The attribute that was refused or is missing, by the names of the kernel's header, outermost first:
    /// <c>IFLA_LINKINFO/IFLA_INFO_DATA/IFLA_VXLAN_ID</c>. One without a known name is <c>attribute 77</c>. Null when the kernel
    /// pointed at none or nothing is known about the request.
    /// </summary>
    public string? Attribute { get; }

    /// <summary>
    /// The exception for an answer to <paramref name="request"/> (one message), with the attribute named and a <paramref name="hint"/>
    /// what the error means for this request.
    /// </summary>
    internal static NetlinkException From(
        string operation, in NetlinkError error, ReadOnlySpan<byte> request, NetlinkSchema? schema, string? hint = null)
    {
        string? attribute = null;
        if (schema is not null && (error.Offset | error.MissingType) != 0 && MemoryMarshal.TryRead(request[4..], out ushort type))
        {
            NetlinkAttributeSet? attributes = schema(type);
            attribute = error.MissingType != 0
                ? NetlinkAttributePath.Missing(request, error.MissingType, error.MissingNest, attributes)
                : NetlinkAttributePath.At(request, error.Offset, attributes);
        }

        return new NetlinkException(operation, error, attribute, hint);
    }

    private static string Describe(string operation, in NetlinkError error, string? attribute, string? hint)
    {
        Errno errno = error.Errno;
        string name = Enum.IsDefined(errno) ? errno.ToString() : $"errno {(int)errno}";
        string text = $"{operation}: {Marshal.GetPInvokeErrorMessage((int)errno)} ({name})";
        if (error.Message is not null)
        {
            text += $": {error.Message}";
        }

        if (hint is not null)
        {
            text += $": {hint}";
        }

        if (error.MissingType != 0)
        {
            return $"{text} (missing {attribute ?? $"attribute {error.MissingType}"}).";
        }

        return attribute is not null ? $"{text} ({attribute})."
            : error.Offset > 0 ? $"{text} (attribute at offset {error.Offset})." : $"{text}.";
    }
}
