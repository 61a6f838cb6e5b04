using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using SwarmNet.Netlink.Route;
using static SwarmNet.Netlink.Xfrm.XfrmConstants;

namespace SwarmNet.Netlink.Xfrm;

/// <summary>Reads and writes the structs of linux/xfrm.h.</summary>
internal static class XfrmCodec
{
    private const int AeadHeaderLength = 72; // alg_name[64], alg_key_len, alg_icv_len
    private const int AlgorithmNameLength = 64;

    internal static xfrm_selector ToStruct(XfrmSelector selector)
    {
        ThrowIfMixed(selector.Source.BaseAddress, selector.Destination.BaseAddress);
        return new xfrm_selector
        {
            daddr = xfrm_address_t.From(selector.Destination.BaseAddress),
            saddr = xfrm_address_t.From(selector.Source.BaseAddress),
            dport = BigEndian(selector.DestinationPort ?? 0),
            dport_mask = selector.DestinationPort is null ? (ushort)0 : ushort.MaxValue,
            sport = BigEndian(selector.SourcePort ?? 0),
            sport_mask = selector.SourcePort is null ? (ushort)0 : ushort.MaxValue,
            family = AddressEncoding.FamilyOf(selector.Destination.BaseAddress),
            prefixlen_d = (byte)selector.Destination.PrefixLength,
            prefixlen_s = (byte)selector.Source.PrefixLength,
            proto = selector.Protocol,
            ifindex = selector.Link,
        };
    }

    internal static void WriteStateInfo(NetlinkWriter writer, XfrmStateSpec state)
    {
        ThrowIfMixed(state.Source, state.Destination);
        if (state.ReplayWindow < 0 || state.ReplayWindow > (state.ExtendedSequence ? XfrmStateSpec.MaxExtendedReplayWindow : XfrmStateSpec.MaxReplayWindow))
        {
            throw new ArgumentOutOfRangeException(
                nameof(state), state.ReplayWindow, "The replay window must be 0 to 32 packets, or to 32576 with extended sequence numbers.");
        }

        writer.Append(new xfrm_usersa_info
        {
            sel = state.Selector is null ? default : ToStruct(state.Selector),
            id = new xfrm_id { daddr = xfrm_address_t.From(state.Destination), spi = BigEndian(state.Spi), proto = state.Protocol },
            saddr = xfrm_address_t.From(state.Source),
            lft = xfrm_lifetime_cfg.Unlimited,
            reqid = state.RequestId,
            family = AddressEncoding.FamilyOf(state.Destination),
            mode = (byte)state.Mode,
            replay_window = state.ExtendedSequence ? (byte)0 : (byte)state.ReplayWindow,
            flags = state.ExtendedSequence ? XFRM_STATE_ESN : (byte)0,
        });
        WriteAead(writer, state.Aead);
        WriteMark(writer, state.Mark);
        if (state.ExtendedSequence)
        {
            WriteExtendedSequence(writer, state.ReplayWindow);
        }
    }

    internal static void WriteStateId(NetlinkWriter writer, in XfrmStateId id)
    {
        writer.Append(new xfrm_usersa_id
        {
            daddr = xfrm_address_t.From(id.Destination),
            spi = BigEndian(id.Spi),
            family = AddressEncoding.FamilyOf(id.Destination),
            proto = id.Protocol,
        });
        WriteMark(writer, id.Mark);
    }

    internal static void WritePolicyInfo(NetlinkWriter writer, XfrmPolicySpec policy)
    {
        writer.Append(new xfrm_userpolicy_info
        {
            sel = ToStruct(policy.Selector),
            lft = xfrm_lifetime_cfg.Unlimited,
            priority = policy.Priority,
            dir = (byte)policy.Direction,
            action = policy.Block ? (byte)1 : (byte)0,
        });
        ReadOnlySpan<XfrmTemplate> templates = policy.TemplateSpan;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(templates.Length, XfrmPolicySpec.MaxTemplates, nameof(policy));
        if (!templates.IsEmpty)
        {
            int size = Unsafe.SizeOf<xfrm_user_tmpl>();
            Span<byte> span = writer.PutSpan(XFRMA_TMPL, size * templates.Length);
            for (int i = 0; i < templates.Length; i++)
            {
                MemoryMarshal.Write(span[(i * size)..], ToStruct(templates[i]));
            }
        }

        WriteMark(writer, policy.Mark);
    }

    internal static void WritePolicyId(NetlinkWriter writer, XfrmDirection direction, XfrmSelector selector, XfrmMark? mark)
    {
        writer.Append(new xfrm_userpolicy_id { sel = ToStruct(selector), dir = (byte)direction });
        WriteMark(writer, mark);
    }

    internal static bool TryParseState(in NetlinkMessage message, [MaybeNullWhen(false)] out XfrmStateEntry entry)
    {
        entry = null;
        if (message.Type is not (XFRM_MSG_NEWSA or XFRM_MSG_UPDSA) || !message.TryReadHeader(out xfrm_usersa_info info)
            || !TryReadAddress(info.id.daddr, info.family, out IPAddress? destination) || !TryReadAddress(info.saddr, info.family, out IPAddress? source)
            || !TryReadStateSelector(info.sel, out XfrmSelector? selector))
        {
            return false;
        }

        XfrmAead? aead = null;
        XfrmMark? mark = null;
        int replayWindow = info.replay_window;
        NetlinkAttributeReader attributes = message.Attributes<xfrm_usersa_info>();
        while (attributes.TryRead(out NetlinkAttribute attribute))
        {
            switch (attribute.Type)
            {
                case XFRMA_ALG_AEAD:
                    aead = ReadAead(attribute.Value);
                    break;
                case XFRMA_MARK:
                    mark = ReadMark(attribute);
                    break;
                case XFRMA_REPLAY_ESN_VAL when attribute.TryRead(out xfrm_replay_state_esn esn):
                    replayWindow = (int)Math.Min(esn.replay_window, int.MaxValue);
                    break;
            }
        }

        if (aead is null || attributes.Malformed)
        {
            return false;
        }

        entry = new XfrmStateEntry
        {
            Spec = new XfrmStateSpec
            {
                Source = source,
                Destination = destination,
                Spi = BigEndian(info.id.spi),
                Protocol = info.id.proto,
                Mode = (XfrmMode)info.mode,
                RequestId = info.reqid,
                Mark = mark,
                Aead = aead,
                ReplayWindow = replayWindow,
                ExtendedSequence = (info.flags & XFRM_STATE_ESN) != 0,
                Selector = selector,
            },
            Bytes = info.curlft.bytes,
            Packets = info.curlft.packets,
            Replayed = info.stats.replay,
            IntegrityFailures = info.stats.integrity_failed,
        };
        return true;
    }

    internal static bool TryParsePolicy(in NetlinkMessage message, [MaybeNullWhen(false)] out XfrmPolicySpec policy)
    {
        policy = null;
        if (message.Type is not (XFRM_MSG_NEWPOLICY or XFRM_MSG_UPDPOLICY) || !message.TryReadHeader(out xfrm_userpolicy_info info)
            || !TryReadSelector(info.sel, out XfrmSelector? selector))
        {
            return false;
        }

        XfrmTemplate[] templates = [];
        XfrmMark? mark = null;
        NetlinkAttributeReader attributes = message.Attributes<xfrm_userpolicy_info>();
        while (attributes.TryRead(out NetlinkAttribute attribute))
        {
            if (attribute.Type == XFRMA_TMPL && !TryReadTemplates(attribute.Value, out templates))
            {
                return false;
            }

            if (attribute.Type == XFRMA_MARK)
            {
                mark = ReadMark(attribute);
            }
        }

        if (attributes.Malformed)
        {
            return false;
        }

        policy = new XfrmPolicySpec
        {
            Direction = (XfrmDirection)info.dir,
            Selector = selector,
            Mark = mark,
            Priority = info.priority,
            Block = info.action != 0,
            Templates = templates,
        };
        return true;
    }

    private static void WriteAead(NetlinkWriter writer, XfrmAead aead)
    {
        Span<byte> span = writer.PutSpan(XFRMA_ALG_AEAD, AeadHeaderLength + aead.Key.Length);
        Encoding.ASCII.GetBytes(aead.Algorithm, span);
        MemoryMarshal.Write(span[AlgorithmNameLength..], (uint)aead.Key.Length * 8);
        MemoryMarshal.Write(span[(AlgorithmNameLength + 4)..], (uint)aead.IcvBits);
        aead.Key.Span.CopyTo(span[AeadHeaderLength..]);
    }

    private static XfrmAead? ReadAead(ReadOnlySpan<byte> value)
    {
        if (value.Length < AeadHeaderLength)
        {
            return null;
        }

        int end = value[..AlgorithmNameLength].IndexOf((byte)0);
        uint keyBits = MemoryMarshal.Read<uint>(value[AlgorithmNameLength..]);
        uint icvBits = MemoryMarshal.Read<uint>(value[(AlgorithmNameLength + 4)..]);
        ulong keyBytes = ((ulong)keyBits + 7) / 8;
        return end < 1 || icvBits > int.MaxValue || keyBytes > (ulong)(value.Length - AeadHeaderLength)
            ? null
            : new XfrmAead(Encoding.ASCII.GetString(value[..end]), value.Slice(AeadHeaderLength, (int)keyBytes).ToArray(), (int)icvBits);
    }

    private static void WriteMark(NetlinkWriter writer, XfrmMark? mark)
    {
        if (mark is { } m)
        {
            MemoryMarshal.Write(writer.PutSpan(XFRMA_MARK, Unsafe.SizeOf<xfrm_mark>()), new xfrm_mark { v = m.Value, m = m.Mask });
        }
    }

    // No mark is value 0, mask 0 for the kernel.
    private static XfrmMark? ReadMark(in NetlinkAttribute attribute) =>
        attribute.TryRead(out xfrm_mark mark) && (mark.v | mark.m) != 0 ? new XfrmMark(mark.v, mark.m) : null;

    private static void WriteExtendedSequence(NetlinkWriter writer, int replayWindow)
    {
        int words = (replayWindow + 31) / 32;
        MemoryMarshal.Write(
            writer.PutSpan(XFRMA_REPLAY_ESN_VAL, Unsafe.SizeOf<xfrm_replay_state_esn>() + (words * 4)),
            new xfrm_replay_state_esn { bmp_len = (uint)words, replay_window = (uint)replayWindow });
    }

    private static xfrm_user_tmpl ToStruct(XfrmTemplate template)
    {
        ThrowIfMixed(template.Source, template.Destination);
        return new xfrm_user_tmpl
        {
            id = new xfrm_id { daddr = xfrm_address_t.From(template.Destination), spi = BigEndian(template.Spi), proto = template.Protocol },
            family = AddressEncoding.FamilyOf(template.Destination),
            saddr = xfrm_address_t.From(template.Source),
            reqid = template.RequestId,
            mode = (byte)template.Mode,
            optional = template.Optional ? (byte)1 : (byte)0,
            aalgos = uint.MaxValue,
            ealgos = uint.MaxValue,
            calgos = uint.MaxValue,
        };
    }

    private static bool TryReadTemplates(ReadOnlySpan<byte> value, out XfrmTemplate[] templates)
    {
        int size = Unsafe.SizeOf<xfrm_user_tmpl>();
        templates = [];
        if (value.Length % size != 0 || value.Length / size > XfrmPolicySpec.MaxTemplates)
        {
            return false;
        }

        var result = new XfrmTemplate[value.Length / size];
        for (int i = 0; i < result.Length; i++)
        {
            xfrm_user_tmpl tmpl = MemoryMarshal.Read<xfrm_user_tmpl>(value[(i * size)..]);
            if (!TryReadAddress(tmpl.id.daddr, tmpl.family, out IPAddress? destination) || !TryReadAddress(tmpl.saddr, tmpl.family, out IPAddress? source))
            {
                return false;
            }

            result[i] = new XfrmTemplate
            {
                Source = source,
                Destination = destination,
                Spi = BigEndian(tmpl.id.spi),
                Protocol = tmpl.id.proto,
                RequestId = tmpl.reqid,
                Mode = (XfrmMode)tmpl.mode,
                Optional = tmpl.optional != 0,
            };
        }

        templates = result;
        return true;
    }

    // The kernel fills in the family of a selector that was left empty.
    private static bool TryReadStateSelector(in xfrm_selector selector, out XfrmSelector? result)
    {
        result = null;
        bool empty = (selector.prefixlen_d | selector.prefixlen_s | selector.proto | selector.dport_mask | selector.sport_mask | selector.ifindex) == 0;
        return empty || TryReadSelector(selector, out result);
    }

    private static bool TryReadSelector(in xfrm_selector selector, [NotNullWhen(true)] out XfrmSelector? result)
    {
        result = null;
        if (!TryReadNetwork(selector.daddr, selector.family, selector.prefixlen_d, out IPNetwork destination)
            || !TryReadNetwork(selector.saddr, selector.family, selector.prefixlen_s, out IPNetwork source))
        {
            return false;
        }

        result = new XfrmSelector
        {
            Source = source,
            Destination = destination,
            Protocol = selector.proto,
            SourcePort = selector.sport_mask == 0 ? null : BigEndian(selector.sport),
            DestinationPort = selector.dport_mask == 0 ? null : BigEndian(selector.dport),
            Link = selector.ifindex,
        };
        return true;
    }

    private static bool TryReadNetwork(in xfrm_address_t address, ushort family, byte prefixLength, out IPNetwork network)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.CopyTo(bytes);
        network = default;
        return family is RouteConstants.AF_INET or RouteConstants.AF_INET6
            && AddressEncoding.TryMakeNetwork((byte)family, bytes[..(family == RouteConstants.AF_INET ? 4 : 16)], prefixLength, out network);
    }

    private static bool TryReadAddress(in xfrm_address_t address, ushort family, [NotNullWhen(true)] out IPAddress? result)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.CopyTo(bytes);
        result = family switch
        {
            RouteConstants.AF_INET => new IPAddress(bytes[..4]),
            RouteConstants.AF_INET6 => new IPAddress(bytes),
            _ => null,
        };
        return result is not null;
    }

    private static ushort BigEndian(ushort value) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;

    private static uint BigEndian(uint value) => BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value) : value;

    private static void ThrowIfMixed(IPAddress source, IPAddress destination)
    {
        if (source.AddressFamily != destination.AddressFamily || source.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6))
        {
            throw new ArgumentException($"Source {source} and destination {destination} must both be IPv4 or both IPv6.");
        }
    }
}
