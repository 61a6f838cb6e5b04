using System.Net;
using SwarmNet.Gossip.Swim;

namespace SwarmNet.Gossip.Node;

/// <summary>A pool without tables: membership only.</summary>
internal sealed class NoTables : ISwimDelegate
{
    public void UserMessage(ReadOnlySpan<byte> message, TimeSpan now)
    {
    }

    public void GetBroadcasts(int overheadBytes, int bytes, List<byte[]> messages)
    {
    }

    public byte[] LocalState(bool join) => [];

    public void MergeState(ReadOnlySpan<byte> state, bool join, TimeSpan now)
    {
    }

    public void MemberUp(string name, IPEndPoint endPoint, ReadOnlySpan<byte> meta, TimeSpan now)
    {
    }

    public void MemberChanged(string name, ReadOnlySpan<byte> meta, TimeSpan now)
    {
    }

    public void MemberDown(string name, bool left, TimeSpan now)
    {
    }
}
