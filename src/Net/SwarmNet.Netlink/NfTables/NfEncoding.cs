using System.Runtime.InteropServices;
using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

internal static class NfEncoding
{
    /// <summary>NFTA_DATA_VERDICT { code, chain }.</summary>
    internal static void PutVerdict(this NetlinkWriter writer, NfVerdict verdict, string? chain)
    {
        int nest = writer.BeginNested(NFTA_DATA_VERDICT);
        writer.PutBigEndian(NFTA_VERDICT_CODE, (int)verdict);
        if (chain is not null)
        {
            writer.PutString(NFTA_VERDICT_CHAIN, chain);
        }

        writer.EndNested(nest);
    }
}
