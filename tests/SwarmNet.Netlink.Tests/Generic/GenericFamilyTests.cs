namespace SwarmNet.Netlink.Generic;

[TestFixture]
public sealed class GenericFamilyTests
{
    // The kernel's answer to GETFAMILY "IPVS", shortened: operations are left out.
    private static readonly byte[] _answer = Convert.FromHexString(
        "01020000" // CTRL_CMD_NEWFAMILY, version 2
        + "0900" + "0200" + "49505653" + "00" + "000000" // CTRL_ATTR_FAMILY_NAME "IPVS", padded
        + "0600" + "0100" + "2100" + "0000" // CTRL_ATTR_FAMILY_ID 33
        + "0800" + "0300" + "01000000" // CTRL_ATTR_VERSION 1
        + "1c00" + "0700" + "1800" + "0100" // CTRL_ATTR_MCAST_GROUPS, the first
        + "0800" + "0200" + "07000000" // CTRL_ATTR_MCAST_GRP_ID
        + "0b00" + "0100" + "636f6e66696700" + "00"); // CTRL_ATTR_MCAST_GRP_NAME "config"

    [Test]
    public void The_controllers_answer_is_read()
    {
        Assert.That(GenericFamily.TryParse(Message(_answer), out GenericFamily? family), Is.True);
        Assert.That((family!.Name, family.Id, family.Version), Is.EqualTo(("IPVS", (ushort)33, 1u)));
        Assert.That(family.Groups, Is.EquivalentTo(new Dictionary<string, uint> { ["config"] = 7 }));
    }

    [Test]
    public void Hostile_answers_never_throw()
    {
        var random = new Random(TestSeed.Next());
        int parsed = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = (byte[])_answer.Clone();
            for (int n = random.Next(4); n > 0; n--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            parsed += GenericFamily.TryParse(Message(bytes.AsSpan(0, random.Next(2) == 0 ? bytes.Length : random.Next(bytes.Length))), out _) ? 1 : 0;
        }

        Assert.That(parsed, Is.InRange(2_000, 18_000), "some must be whole and some broken, or nothing was tested");
    }

    private static NetlinkMessage Message(ReadOnlySpan<byte> payload) => new(GenericConstants.GENL_ID_CTRL, NetlinkFlags.None, 1, 0, payload);
}
