using System.Net;
using System.Runtime.InteropServices;

namespace SwarmNet.Netlink.Xfrm;

#pragma warning disable CS0649, CS0169, CS8981, IDE1006 // header names; some fields are only ever written by the kernel

/// <summary><c>xfrm_address_t</c>: network order, IPv4 in the first four bytes. Aligned to 4 as in C.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct xfrm_address_t
{
    private uint _0;
    private uint _1;
    private uint _2;
    private uint _3;

    internal static xfrm_address_t From(IPAddress address)
    {
        xfrm_address_t result = default;
        address.TryWriteBytes(MemoryMarshal.AsBytes(new Span<xfrm_address_t>(ref result)), out _);
        return result;
    }

    internal readonly void CopyTo(Span<byte> sixteenBytes) => MemoryMarshal.Write(sixteenBytes, this);
}

/// <summary><c>struct xfrm_id</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct xfrm_id
{
    internal xfrm_address_t daddr;
    internal uint spi; // big endian
    internal byte proto;
}

/// <summary><c>struct xfrm_selector</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct xfrm_selector
{
    internal xfrm_address_t daddr;
    internal xfrm_address_t saddr;
    internal ushort dport; // big endian, as the next three
    internal ushort dport_mask;
    internal ushort sport;
    internal ushort sport_mask;
    internal ushort family;
    internal byte prefixlen_d;
    internal byte prefixlen_s;
    internal byte proto;
    internal int ifindex;
    internal uint user;
}

/// <summary><c>struct xfrm_lifetime_cfg</c>; all ones = no limit, 0 seconds = none.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct xfrm_lifetime_cfg
{
    internal ulong soft_byte_limit;
    internal ulong hard_byte_limit;
    internal ulong soft_packet_limit;
    internal ulong hard_packet_limit;
    internal ulong soft_add_expires_seconds;
    internal ulong hard_add_expires_seconds;
    internal ulong soft_use_expires_seconds;
    internal ulong hard_use_expires_seconds;

    internal static xfrm_lifetime_cfg Unlimited => new()
    {
        soft_byte_limit = ulong.MaxValue,
        hard_byte_limit = ulong.MaxValue,
        soft_packet_limit = ulong.MaxValue,
        hard_packet_limit = ulong.MaxValue,
    };
}

/// <summary><c>struct xfrm_lifetime_cur</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct xfrm_lifetime_cur
{
    internal ulong bytes;
    internal ulong packets;
    internal ulong add_time;
    internal ulong use_time;
}

/// <summary><c>struct xfrm_stats</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct xfrm_stats
{
    internal uint replay_window;
    internal uint replay;
    internal uint integrity_failed;
}

/// <summary><c>struct xfrm_usersa_info</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct xfrm_usersa_info
{
    internal xfrm_selector sel;
    internal xfrm_id id;
    internal xfrm_address_t saddr;
    internal xfrm_lifetime_cfg lft;
    internal xfrm_lifetime_cur curlft;
    internal xfrm_stats stats;
    internal uint seq;
    internal uint reqid;
    internal ushort family;
    internal byte mode;
    internal byte replay_window;
    internal byte flags;
}

/// <summary><c>struct xfrm_usersa_id</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct xfrm_usersa_id
{
    internal xfrm_address_t daddr;
    internal uint spi; // big endian
    internal ushort family;
    internal byte proto;
}

/// <summary><c>struct xfrm_userpolicy_info</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct xfrm_userpolicy_info
{
    internal xfrm_selector sel;
    internal xfrm_lifetime_cfg lft;
    internal xfrm_lifetime_cur curlft;
    internal uint priority;
    internal uint index;
    internal byte dir;
    internal byte action;
    internal byte flags;
    internal byte share;
}

/// <summary><c>struct xfrm_userpolicy_id</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct xfrm_userpolicy_id
{
    internal xfrm_selector sel;
    internal uint index;
    internal byte dir;
}

/// <summary><c>struct xfrm_user_tmpl</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct xfrm_user_tmpl
{
    internal xfrm_id id;
    internal ushort family;
    internal xfrm_address_t saddr;
    internal uint reqid;
    internal byte mode;
    internal byte share;
    internal byte optional;
    internal uint aalgos;
    internal uint ealgos;
    internal uint calgos;
}

/// <summary><c>struct xfrm_mark</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct xfrm_mark
{
    internal uint v;
    internal uint m;
}

/// <summary><c>struct xfrm_replay_state_esn</c> without its bitmap.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct xfrm_replay_state_esn
{
    internal uint bmp_len;
    internal uint oseq;
    internal uint seq;
    internal uint oseq_hi;
    internal uint seq_hi;
    internal uint replay_window;
}
