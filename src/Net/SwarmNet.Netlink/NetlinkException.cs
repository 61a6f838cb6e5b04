using System.Runtime.InteropServices;
using SwarmNet.Linux;

namespace SwarmNet.Netlink;

/// <summary>A netlink request that the kernel refused, or whose answer could not be understood.</summary>
public sealed class NetlinkException : IOException
{
    /// <summary>Creates the exception for a refused request.</summary>
    public NetlinkException(string operation, Errno errno, string? kernelMessage = null, int attributeOffset = 0)
        : base(Describe(operation, errno, kernelMessage, attributeOffset), (int)errno)
    {
        Operation = operation;
        Errno = errno;
        KernelMessage = kernelMessage;
        AttributeOffset = attributeOffset;
    }

    /// <summary>What was asked for, for example <c>add veth a</c>.</summary>
    public string Operation { get; }

    /// <summary>The kernel's error number. EPROTO: the answer was malformed or missing.</summary>
    public Errno Errno { get; }

    /// <summary>The text of the extended ACK (NLMSGERR_ATTR_MSG), null when the kernel gave none.</summary>
    public string? KernelMessage { get; }

    /// <summary>Offset in the request of the attribute that was refused (NLMSGERR_ATTR_OFFS), 0 when unknown.</summary>
    public int AttributeOffset { get; }

    private static string Describe(string operation, Errno errno, string? kernelMessage, int offset)
    {
        string name = Enum.IsDefined(errno) ? errno.ToString() : $"errno {(int)errno}";
        string text = $"{operation}: {Marshal.GetPInvokeErrorMessage((int)errno)} ({name})";
        if (kernelMessage is not null)
        {
            text += $": {kernelMessage}";
        }

        return offset > 0 ? $"{text} (attribute at offset {offset})." : $"{text}.";
    }
}
