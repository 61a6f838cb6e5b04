using System.Net;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Netlink;

[TestFixture]
public sealed class NetlinkAllocationTests
{
    [Test]
    public void Encoding_forwarding_entries_and_walking_them_allocates_nothing()
    {
        var batch = new RtnetlinkBatch();
        var fdb = new FdbEntry { Link = 5, Address = MacAddress.Parse("02:42:0a:00:00:05"), Remote = IPAddress.Parse("10.0.0.1") };
        var neighbour = new NeighbourEntry { Link = 5, Address = IPAddress.Parse("10.0.0.5"), LinkLayerAddress = fdb.Address };
        long found = 0;

        long allocated = AllocationMeter.SmallestOf(rounds: 5, () =>
        {
            for (int i = 0; i < 1000; i++)
            {
                batch.Clear();
                for (int n = 0; n < 10; n++)
                {
                    batch.ReplaceFdb(fdb).ReplaceNeighbour(neighbour);
                }

                var reader = new NetlinkReader(batch.Written);
                while (reader.TryRead(out NetlinkMessage message))
                {
                    NetlinkAttributeReader attributes = message.Attributes(12);
                    while (attributes.TryRead(out NetlinkAttribute attribute))
                    {
                        found += attribute.Type == 2 && MacAddress.TryRead(attribute.Value, out MacAddress mac) && mac == fdb.Address ? 1 : 0;
                    }
                }
            }
        });

        Assert.That(allocated, Is.Zero);
        Assert.That(found, Is.EqualTo(20_000 * 6), "one warm-up and five rounds");
    }
}
