using System.Security.Cryptography;
using SwarmNet.Ca;

namespace SwarmNet.Manager.AtRest;

/// <summary>The keys with which a manager encrypts what it keeps on disk. Secrets; immutable.</summary>
/// <param name="DataKeys">Of the Raft log and its snapshots, 32 bytes each: the first one writes, the others read what is older.</param>
/// <param name="CertificateKey">Seals the private key of the node's certificate while the manager is locked; 32 bytes.</param>
internal sealed record ManagerKeys(IReadOnlyList<ReadOnlyMemory<byte>> DataKeys, ReadOnlyMemory<byte> CertificateKey)
{
    /// <summary>Keys that nobody has seen yet.</summary>
    public static ManagerKeys Create() => new([NewKey()], NewKey());

    /// <summary>
    /// New keys before the old ones, for a manager that locks itself: the old ones lay on the disk in the clear. Data stays readable until it is
    /// rewritten with the new key.
    /// </summary>
    public ManagerKeys Renew() => new([NewKey(), .. DataKeys], NewKey());

    /// <summary>Without the older data keys, when nothing needs them any more.</summary>
    public ManagerKeys WithNewestOnly() => this with { DataKeys = [DataKeys[0]] };

    private static byte[] NewKey() => RandomNumberGenerator.GetBytes(SealedBox.KeyBytes);
}
