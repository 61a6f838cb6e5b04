using System.Security.Cryptography;
using System.Text;

namespace SwarmNet.Ca;

/// <summary>
/// A private key at rest on a manager that is locked: a PEM block whose contents are a <see cref="SealedBox"/> of the key's PEM, sealed with a
/// key that the manager's state keeps.
/// </summary>
internal static class SealedKeyPem
{
    private const string Label = "SWARMNET SEALED PRIVATE KEY";

    private static ReadOnlySpan<byte> Purpose => "swarm-node.key, version 1"u8;

    public static bool IsSealed(ReadOnlySpan<byte> pem) => TryReadBox(pem, out _);

    public static byte[] Seal(ReadOnlySpan<byte> key, ReadOnlySpan<byte> keyPem)
    {
        var box = new byte[keyPem.Length + SealedBox.OverheadBytes];
        SealedBox.Seal(key, keyPem, box, Purpose);
        return Encoding.ASCII.GetBytes(PemEncoding.WriteString(Label, box) + "\n");
    }

    /// <summary>Null when it is another key, or the block is damaged.</summary>
    public static byte[]? TryOpen(ReadOnlySpan<byte> key, ReadOnlySpan<byte> pem) =>
        TryReadBox(pem, out var box) ? SealedBox.TryOpen(key, box, Purpose) : null;

    private static bool TryReadBox(ReadOnlySpan<byte> pem, out byte[] box)
    {
        box = [];
        var text = Encoding.ASCII.GetString(pem);
        if (!PemEncoding.TryFind(text, out var fields) || !text[fields.Label].Equals(Label, StringComparison.Ordinal))
        {
            return false;
        }

        box = Convert.FromBase64String(text[fields.Base64Data]);
        return true;
    }
}
