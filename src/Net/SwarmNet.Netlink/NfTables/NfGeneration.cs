using System.Diagnostics.CodeAnalysis;
using static SwarmNet.Netlink.NfTables.NfConstants;

namespace SwarmNet.Netlink.NfTables;

/// <summary>A state of the rules of a namespace: changes with every transaction.</summary>
/// <param name="Id">Its number.</param>
/// <param name="ProcessId">The process whose transaction made it, in notifications; in a list, the one that asks.</param>
/// <param name="ProcessName">Name of that process.</param>
public sealed record NfGeneration(uint Id, uint ProcessId, string ProcessName)
{
    /// <summary>Reads NFT_MSG_NEWGEN; false for another message or bad bytes.</summary>
    public static bool TryRead(in NetlinkMessage message, [NotNullWhen(true)] out NfGeneration? generation)
    {
        generation = null;
        NetlinkAttributeReader attributes = message.Attributes(NfGenMsgLength);
        if (message.Type != MessageType(NFT_MSG_NEWGEN) || !attributes.TryFind(NFTA_GEN_ID, out NetlinkAttribute id))
        {
            return false;
        }

        generation = new NfGeneration(id.UInt32BigEndian, NfMessages.UInt32(attributes, NFTA_GEN_PROC_PID), NfMessages.Text(attributes, NFTA_GEN_PROC_NAME));
        return true;
    }
}
