using System.Runtime.InteropServices;
using System.Text;
using SwarmNet.Linux;
using static SwarmNet.Netlink.NetlinkConstants;

namespace SwarmNet.Netlink;

/// <summary>The answer NLMSG_ERROR (or the status inside NLMSG_DONE): error number, and what the extended ACK says.</summary>
/// <param name="Errno">The error number.</param>
/// <param name="Message">NLMSGERR_ATTR_MSG, or null.</param>
/// <param name="Offset">NLMSGERR_ATTR_OFFS: where in the request the refused attribute is; 0 = unknown.</param>
/// <param name="MissingType">NLMSGERR_ATTR_MISS_TYPE: the attribute that should have been there; 0 = none.</param>
/// <param name="MissingNest">NLMSGERR_ATTR_MISS_NEST: where in the request the nest is that it is missing in; 0 = at the top.</param>
internal readonly record struct NetlinkError(Errno Errno, string? Message, int Offset, ushort MissingType = 0, int MissingNest = 0)
{
    /// <summary>
    /// <code>
    /// NLMSG_ERROR: error s32 (negative, 0 = ACK) | nlmsghdr of the request | its payload unless CAPPED | attributes if ACK_TLVS
    /// NLMSG_DONE:  error s32                                                                          | attributes if ACK_TLVS
    /// </code>
    /// </summary>
    internal static bool TryParse(in NetlinkMessage message, out NetlinkError error)
    {
        error = default;
        ReadOnlySpan<byte> payload = message.Payload;
        if (!MemoryMarshal.TryRead(payload, out int negative))
        {
            // A DONE of an old kernel may carry nothing.
            return message.Type == NLMSG_DONE;
        }

        if (negative is > 0 or int.MinValue)
        {
            // A positive number is the length of the dump in some families, not an error.
            return message.Type == NLMSG_DONE;
        }

        error = new NetlinkError((Errno)(-negative), null, 0);
        if (negative != 0 && (message.Flags & NLM_F_ACK_TLVS) != 0)
        {
            var attributes = new NetlinkAttributeReader(AttributesOf(message));
            while (attributes.TryRead(out NetlinkAttribute attribute))
            {
                error = attribute.Type switch
                {
                    NLMSGERR_ATTR_MSG => error with { Message = Encoding.UTF8.GetString(attribute.StringBytes) },
                    NLMSGERR_ATTR_OFFS => error with { Offset = (int)Math.Min(attribute.UInt32, int.MaxValue) },
                    NLMSGERR_ATTR_MISS_TYPE => error with { MissingType = (ushort)(attribute.UInt32 & NLA_TYPE_MASK) },
                    NLMSGERR_ATTR_MISS_NEST => error with { MissingNest = (int)Math.Min(attribute.UInt32, int.MaxValue) },
                    _ => error,
                };
            }
        }

        return true;
    }

    private static ReadOnlySpan<byte> AttributesOf(in NetlinkMessage message)
    {
        ReadOnlySpan<byte> payload = message.Payload;
        if (message.Type == NLMSG_DONE)
        {
            return payload[4..];
        }

        if (payload.Length < 4 + HeaderLength)
        {
            return default;
        }

        uint request = HeaderLength;
        if ((message.Flags & NLM_F_CAPPED) == 0)
        {
            request = MemoryMarshal.Read<uint>(payload[4..]);
        }

        return request <= (uint)(payload.Length - 4) ? payload[Math.Min(4 + Align((int)request), payload.Length)..] : default;
    }
}
