using FsCheck;
using FsCheck.Fluent;

namespace SwarmNet.Netlink;

/// <summary>Runs a property on many generated values; a failure shows the value and the seed that repeats it.</summary>
internal static class Property
{
    internal static void Holds<T>(Gen<T> values, Action<T> check, int count = 1000)
    {
        int seed = TestSeed.Next();
        Prop.ForAll(values.ToArbitrary(), check).Check(Config.QuickThrowOnFailure.WithMaxTest(count).WithReplay((ulong)seed, 1));
    }

    /// <summary>Encodes a value by itself, decodes the one message and expects the value back.</summary>
    internal static void RoundTrips<T>(Gen<T> values, Action<T, NetlinkWriter> encode, NetlinkParser<T> decode, Func<NetlinkWriter> writer) =>
        Holds(values, value =>
        {
            NetlinkWriter bytes = writer();
            encode(value, bytes);
            var reader = new NetlinkReader(bytes.Written);
            Assert.That(reader.TryRead(out NetlinkMessage message), Is.True);
            Assert.That(decode(message, out T? decoded), Is.True, "decodes");
            Assert.That(decoded, Is.EqualTo(value));
            Assert.That(reader.TryRead(out _), Is.False, "one message");
        });
}
