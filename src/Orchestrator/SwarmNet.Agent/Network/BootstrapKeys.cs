using SwarmNet.Protocol;

namespace SwarmNet.Agent.Network;

/// <summary>The keys that a manager sends for the data plane.</summary>
internal static class BootstrapKeys
{
    /// <summary>
    /// A subsystem's keys, the one to send with first: by Lamport time that is the middle one. The one before and the one after it are only
    /// accepted, so that a rotation needs no common moment.
    /// </summary>
    public static IReadOnlyList<EncryptionKey> InOrderOfUse(IEnumerable<EncryptionKey> keys, string subsystem)
    {
        var ordered = keys.Where(k => k.Subsystem == subsystem).OrderBy(k => k.LamportTime).ToList();
        return ordered is [var first, var second, .. var rest] ? [second, first, .. rest] : ordered;
    }
}
