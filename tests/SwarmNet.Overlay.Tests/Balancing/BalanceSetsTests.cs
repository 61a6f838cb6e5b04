using SwarmNet.Netlink.NfTables;
using SwarmNet.Overlay.Mesh;

namespace SwarmNet.Overlay.Balancing;

public sealed class BalanceSetsTests
{
    [Test]
    public void A_plan_is_encoded_without_allocation_once_the_buffer_has_its_size()
    {
        var sets = new BalanceSets(new NfTable(NfFamily.Ip, "t"), new VipCodec());
        BalancePlan before = BalancePlanner.Plan(new Dictionary<ulong, FrontendState>(), Wanted(10));
        BalancePlan plan = BalancePlanner.Plan(before.Result.ToDictionary(r => r.Key, r => r.Value!), Wanted(11));
        var batch = new NfTablesBatch();
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long start = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                batch.Clear();
                sets.Append(batch, plan);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - start);
        }

        Assert.That(least, Is.Zero);
        Assert.That(batch.ChangeCount, Is.EqualTo(2), "one message of deletions, one of additions");
    }

    [Test]
    public void An_empty_plan_encodes_nothing()
    {
        var sets = new BalanceSets(new NfTable(NfFamily.Ip, "t"), new VipCodec());
        var batch = new NfTablesBatch();
        sets.Append(batch, BalancePlanner.Plan(new Dictionary<ulong, FrontendState>(), Wanted(0)));
        batch.Clear();
        sets.Append(batch, new BalancePlan());
        Assert.That(batch.IsEmpty, Is.True);
    }

    [Test]
    public void Ports_and_targets_survive_their_codec()
    {
        var codec = new PortCodec();
        Span<byte> bytes = stackalloc byte[12];
        ulong frontend = new PortFrontend(0xc0000201, 17, 5300).Id;
        const ulong Target = (0x0a00000bul << 16) | 53;
        codec.WriteFrontend(frontend, bytes);
        Assert.That(Convert.ToHexStringLower(bytes), Is.EqualTo("c00002011100000014b40000"));
        Assert.That(codec.ReadFrontend(bytes, bytes), Is.EqualTo(frontend));
        ulong range = new PortFrontend(0, 6, 9000, 9999).Id;
        Span<byte> last = stackalloc byte[12];
        codec.WriteFrontend(range, bytes);
        codec.WriteLast(range, last);
        Assert.That(codec.ReadFrontend(bytes, last), Is.EqualTo(range));
        Assert.That(PortFrontend.Of(range), Is.EqualTo(new PortFrontend(0, 6, 9000, 9999)));
        Assert.That(PortFrontend.Of(frontend), Is.EqualTo(new PortFrontend(0xc0000201, 17, 5300)));
        codec.WriteTarget(Target, bytes);
        Assert.That(Convert.ToHexStringLower(bytes[..8]), Is.EqualTo("0a00000b00350000"));
        Assert.That(codec.ReadTarget(bytes), Is.EqualTo(Target));
    }

    private static Dictionary<ulong, WantedFrontend?> Wanted(int targets) => new()
    {
        [1] = new([.. Enumerable.Range(1, targets).Select(static id => new WeightedTarget((ulong)id, 1))]),
    };
}
