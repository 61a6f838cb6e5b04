using System.Net;

namespace SwarmNet.Gossip.Swim;

/// <summary>What rides on the membership protocol. Called synchronously by the core.</summary>
internal interface ISwimDelegate
{
    /// <summary>A user message arrived; valid until the call returns.</summary>
    void UserMessage(ReadOnlySpan<byte> message, TimeSpan now);

    /// <summary>Adds user messages that fit <paramref name="bytes"/>, each counted with <paramref name="overheadBytes"/>.</summary>
    void GetBroadcasts(int overheadBytes, int bytes, List<byte[]> messages);

    /// <summary>The user state of a push/pull that we send.</summary>
    byte[] LocalState(bool join);

    /// <summary>The user state of a push/pull that we got; not called when empty.</summary>
    void MergeState(ReadOnlySpan<byte> state, bool join, TimeSpan now);

    /// <summary>A member appeared, or is back.</summary>
    void MemberUp(string name, IPEndPoint endPoint, ReadOnlySpan<byte> meta, TimeSpan now);

    /// <summary>A live member describes itself otherwise.</summary>
    void MemberChanged(string name, ReadOnlySpan<byte> meta, TimeSpan now);

    void MemberDown(string name, bool left, TimeSpan now);
}
