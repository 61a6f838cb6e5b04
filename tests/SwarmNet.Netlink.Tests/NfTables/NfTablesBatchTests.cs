namespace SwarmNet.Netlink.NfTables;

public sealed class NfTablesBatchTests
{
    private static readonly NfTable Table = new(NfFamily.Ip, "t");

    /// <summary>As captured from nft(8): `add element ip t m1 { 10.0.1.2 . 80 : jump c1 }`.</summary>
    [Test]
    public void An_element_of_a_verdict_map_is_encoded_as_nft_does()
    {
        var batch = new NfTablesBatch();
        NfElements elements = batch.AddElements(Table, "m1");
        elements.Verdict([10, 0, 1, 2, 0, 80, 0, 0], NfVerdict.Jump, "c1");
        elements.End();
        Assert.That(FirstChange(batch), Is.EqualTo(
            "54000000" + "0c0a" + "0104" + "00000000" + "00000000" // nlmsghdr: length, (10 << 8) | NEWSETELEM, REQUEST|CREATE
            + "02000000" // nfgenmsg: IPv4
            + "06000100" + "74000000" // TABLE "t"
            + "07000200" + "6d310000" // SET "m1"
            + "30000380" // ELEMENTS
            + "2c000180" // ELEM
            + "10000180" + "0c000100" + "0a00010200500000" // KEY { VALUE 10.0.1.2 . 80 }
            + "18000280" + "14000280" // DATA { VERDICT
            + "08000100" + "fffffffd" // CODE jump
            + "07000200" + "63310000")); // CHAIN "c1"
    }

    /// <summary>`add rule ip t c numgen random mod 2` and dnat, expression by expression as nft(8) sends them.</summary>
    [Test]
    public void A_rule_is_a_list_of_named_expressions()
    {
        var batch = new NfTablesBatch();
        batch.AddRule(Table, "c").NumberGenerator(NfRegister.Reg1, 2, random: true).DestinationNat(NfRegister.Reg1).End();
        Assert.That(FirstChange(batch), Is.EqualTo(
            "84000000" + "060a" + "010c" + "00000000" + "00000000" // NEWRULE, REQUEST|CREATE|APPEND
            + "02000000"
            + "06000100" + "74000000" // TABLE
            + "06000200" + "63000000" // CHAIN
            + "60000480" // EXPRESSIONS
            + "34000180" + "0b000100" + "6e756d67656e0000" // ELEM { NAME "numgen"
            + "24000280" + "0800010000000001" + "0800020000000002" + "0800030000000001" + "0800040000000000" // DREG 1, MODULUS 2, random, OFFSET 0
            + "28000180" + "08000100" + "6e617400" // ELEM { NAME "nat"
            + "1c000280" + "0800010000000001" + "0800020000000002" + "0800030000000001")); // dnat, IPv4, REG_ADDR_MIN 1
    }

    [Test]
    public void Elements_are_split_at_a_thousand_per_message()
    {
        var batch = new NfTablesBatch();
        NfElements elements = batch.AddElements(Table, "s");
        for (int i = 0; i < 2001; i++)
        {
            elements.Key(BitConverter.GetBytes(i));
        }

        elements.End();
        Assert.That(batch.ChangeCount, Is.EqualTo(3));
    }

    [Test]
    public void Without_elements_nothing_is_encoded()
    {
        var batch = new NfTablesBatch();
        batch.DeleteElements(Table, "s").End();
        Assert.That(batch.IsEmpty, Is.True);
    }

    [Test]
    public void A_transaction_is_encoded_without_allocation_once_the_buffer_has_its_size()
    {
        var batch = new NfTablesBatch();
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                Encode(batch);
            }

            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.That(least, Is.Zero);

        static void Encode(NfTablesBatch batch)
        {
            batch.Clear();
            NfElements elements = batch.DeleteElements(Table, "slots");
            Span<byte> key = stackalloc byte[8];
            for (int i = 0; i < 60; i++)
            {
                BitConverter.TryWriteBytes(key[4..], i);
                elements.Key(key);
            }

            elements.End();
            batch.AddRule(Table, "c").Ipv4Destination(NfRegister.R0).DestinationIsLocal().Counter().Verdict(NfVerdict.Goto, "x").End();
        }
    }

    /// <summary>The message after BATCH_BEGIN in hexadecimal, without its sequence number.</summary>
    private static string FirstChange(NfTablesBatch batch)
    {
        ReadOnlySpan<byte> bytes = batch.Writer.Written[20..];
        byte[] message = bytes[..BitConverter.ToInt32(bytes)].ToArray();
        message.AsSpan(8, 4).Clear();
        return Convert.ToHexStringLower(message);
    }
}
