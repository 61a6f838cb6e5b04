namespace SwarmNet.Linux;

[TestFixture]
public sealed class MountTests
{
    [Test]
    public void TryParse_reads_the_example_of_proc5()
    {
        Assert.That(MountInfo.TryParse(@"36 35 98:0 /mnt1 /mnt\0402 rw,noatime master:1 shared:2 - ext3 /dev/root rw,errors=continue", out MountInfo? mount), Is.True);
        Assert.That(mount, Is.EqualTo(new MountInfo(36, 35, "/mnt1", "/mnt 2", "rw,noatime", "master:1 shared:2", "ext3", "/dev/root", "rw,errors=continue")));
    }

    [TestCase("")]
    [TestCase("36 35 98:0 / /mnt rw")]
    [TestCase("36 35 98:0 / /mnt rw - ext3")]
    [TestCase("x 35 98:0 / /mnt rw - ext3 /dev/root rw")]
    public void TryParse_refuses_other_lines(string line) => Assert.That(MountInfo.TryParse(line, out _), Is.False);

    [Test]
    [Category("Kernel")]
    public void Mounts_come_and_go()
    {
        string folder = Directory.CreateTempSubdirectory("swarmnet-linux-").FullName;
        string a = Directory.CreateDirectory(folder + "/a b").FullName;
        string b = Directory.CreateDirectory(folder + "/b").FullName;
        try
        {
            MountTable.Mount("none", a, "tmpfs", Libc.MS_NODEV, "size=64k");
            File.WriteAllText(a + "/file", "x");
            MountTable.Bind(a, b, readOnly: true);

            Assert.That(MountTable.List().Single(m => m.MountPoint == a).SuperOptions, Does.Contain("size=64k"));
            Assert.That(File.ReadAllText(b + "/file"), Is.EqualTo("x"));
            Assert.That(() => File.WriteAllText(b + "/file", "y"), Throws.InstanceOf<IOException>());

            MountTable.UnmountBelow(folder);
            Assert.That(MountTable.List().Where(m => m.MountPoint.StartsWith(folder)), Is.Empty);
            Assert.That(MountTable.Unmount(a), Is.False);
            Assert.That(() => MountTable.Bind(folder + "/missing", b), Throws.TypeOf<LinuxException>());
        }
        finally
        {
            MountTable.UnmountBelow(folder);
            Directory.Delete(folder, true);
        }
    }
}
