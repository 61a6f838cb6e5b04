using System.Globalization;
using SwarmNet.Linux;

namespace SwarmNet.Netlink.Generic;

[TestFixture]
[Category("Kernel")]
public sealed class GenericNetlinkTests
{
    [Test]
    public void Numbers_and_layout_agree_with_the_header()
    {
        var abi = new CHeaderAssertions("linux/genetlink.h");
        abi.Constants(typeof(GenericConstants), static _ => true);
        abi.Equal("sizeof(struct genlmsghdr)", System.Runtime.InteropServices.Marshal.SizeOf<GenericHeader>());
        abi.Equal("offsetof(struct genlmsghdr, version)", System.Runtime.InteropServices.Marshal.OffsetOf<GenericHeader>("<Version>k__BackingField"));
        Assert.That(abi.Count, Is.GreaterThan(10), "reflection must have found the numbers");
        abi.Verify();
    }

    [Test]
    public void Families_are_those_that_the_tool_lists()
    {
        using var scope = new TestNamespace();
        using GenericNetlink socket = GenericNetlink.Open(scope.Namespace);

        // Name: nlctrl
        //         ID: 0x10  Version: 0x2  header size: 0  max attribs: 10
        string[] lines = scope.Exec("genl", "ctrl list").Split('\n');
        var listed = new List<(string Name, ushort Id, uint Version)>();
        for (int i = 0; i + 1 < lines.Length; i++)
        {
            if (lines[i].StartsWith("Name: ", StringComparison.Ordinal))
            {
                string[] words = lines[i + 1].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                listed.Add((lines[i][6..], (ushort)Number(words[1]), Number(words[3])));
            }
        }

        Assert.That(listed, Has.Count.GreaterThan(1));
        Assert.That(socket.GetFamilies().Select(f => (f.Name, f.Id, f.Version)), Is.EquivalentTo(listed));

        static uint Number(string hexadecimal) => uint.Parse(hexadecimal.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }

    [Test]
    public void A_family_is_found_by_its_name_with_its_notification_groups()
    {
        using GenericNetlink socket = GenericNetlink.Open();

        GenericFamily? controller = socket.FindFamily("nlctrl");

        Assert.That(controller, Is.Not.Null);
        Assert.That(controller!.Id, Is.EqualTo(16));
        Assert.That(controller.Groups, Does.ContainKey("notify").WithValue(16));
        Assert.That(socket.FindFamily("no-such-family"), Is.Null);
    }
}
