using System.Diagnostics.CodeAnalysis;

namespace SwarmNet.Netlink;

/// <summary>Turns a message of a dump into an object; false skips the message (another kind, or bad bytes).</summary>
public delegate bool NetlinkParser<T>(in NetlinkMessage message, [MaybeNullWhen(false)] out T value);
