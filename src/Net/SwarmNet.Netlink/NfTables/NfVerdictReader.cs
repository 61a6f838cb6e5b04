using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>The parts of NFTA_DATA_VERDICT.</summary>
internal static class NfVerdictReader
{
    internal static NfVerdict Code(NetlinkAttributeReader verdict) =>
        verdict.TryFind(NFTA_VERDICT_CODE, out NetlinkAttribute code) ? (NfVerdict)(int)code.UInt32BigEndian : NfVerdict.Continue;

    internal static string? Chain(NetlinkAttributeReader verdict) => verdict.TryFind(NFTA_VERDICT_CHAIN, out NetlinkAttribute chain) ? chain.GetString() : null;
}
