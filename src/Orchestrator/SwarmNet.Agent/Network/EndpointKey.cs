using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace SwarmNet.Agent.Network;

/// <summary>
/// Keys of endpoints in the shared tables: 64 hexadecimal digits as in Docker, of which the first 48 name the endpoint and the last 16 the generation, that is the start
/// of the daemon that announces it. A new start needs new keys, or the tombstone of an older one could hide them; and of two announcements of one endpoint
/// the later start's counts, in whatever order they arrive.
/// </summary>
internal static class EndpointKey
{
    private const int EndpointDigits = 48;
    private const int Digits = 64;

    /// <summary>The key of what <paramref name="owner"/> (a task's id, or the node with its address; unique in the swarm) has in a network.</summary>
    public static string Of(ulong generation, string networkId, string owner)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{networkId}\0{owner}")));
        return string.Create(CultureInfo.InvariantCulture, $"{hash.AsSpan(0, EndpointDigits)}{generation:x16}");
    }

    /// <summary>The part that all generations share. Of a stock engine's key, which is random, any part is unique.</summary>
    public static ReadOnlySpan<char> EndpointOf(string key) => key.Length == Digits ? key.AsSpan(0, EndpointDigits) : key;

    /// <summary>Of several keys of one endpoint the newest generation's; all others as they are.</summary>
    public static IEnumerable<T> Newest<T>(IEnumerable<T> records, Func<T, string> keyOf)
    {
        var newest = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var record in records)
        {
            var key = keyOf(record);
            var endpoint = EndpointOf(key).ToString();
            if (!newest.TryGetValue(endpoint, out var other) || string.CompareOrdinal(key, keyOf(other)) > 0)
            {
                newest[endpoint] = record;
            }
        }

        return newest.Values;
    }
}
