namespace SwarmNet.Linux;

[TestFixture]
public sealed class CgroupTests
{
    [TestCase("", "", CgroupMode.None)]
    [TestCase("/sys/fs/cgroup/cpu /sys/fs/cgroup/memory", "", CgroupMode.V1)]
    [TestCase("/sys/fs/cgroup/cpu", "/sys/fs/cgroup/unified", CgroupMode.Hybrid)]
    [TestCase("", "/sys/fs/cgroup", CgroupMode.Unified)]
    public void Mode_follows_the_mounts(string v1, string v2, CgroupMode mode)
    {
        string[] lines =
        [
            "20 1 0:20 / /sys rw - sysfs sysfs rw",
            .. v1.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((m, i) => $"{30 + i} 20 0:30 / {m} rw,relatime shared:5 - cgroup cgroup rw,cpu"),
            .. v2.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select((m, i) => $"{50 + i} 20 0:40 / {m} rw - cgroup2 cgroup2 rw"),
        ];
        CgroupHierarchies hierarchies = CgroupHierarchies.FromMounts(lines.Select(Parse));

        Assert.That(hierarchies.Mode, Is.EqualTo(mode));
        Assert.That(hierarchies.MountPoints, Is.EqualTo($"{v1} {v2}".Split(' ', StringSplitOptions.RemoveEmptyEntries)));
    }

    [TestCase("")]
    [TestCase("/")]
    [TestCase("a/../b")]
    [TestCase("a//b")]
    public void Open_refuses_what_is_no_group_below_the_root(string path) =>
        Assert.That(() => CgroupHierarchies.FromMounts([]).Open(path), Throws.ArgumentException);

    [Test]
    [Category("Kernel")]
    public async Task A_process_is_confined_killed_and_the_group_removed()
    {
        CgroupHierarchies hierarchies = CgroupHierarchies.Detect();
        Assume.That(hierarchies.Mode, Is.Not.EqualTo(CgroupMode.None));
        string parent = $"swarmnet-linux-test-{Environment.ProcessId}";
        Cgroup group = hierarchies.Create($"{parent}/a");
        Cgroup root = hierarchies.Open(parent);
        try
        {
            using NamespacedProcess process = await NamespacedProcess.StartAsync(new NamespacedProcessOptions { FileName = "sleep", Arguments = ["1000"] });
            group.AddProcess(process.Pid);

            Assert.That(group.Folders.Count(), Is.EqualTo(hierarchies.MountPoints.Count));
            Assert.That(root.Processes, Is.EqualTo(new[] { process.Pid }));
            Assert.That(File.ReadAllLines($"/proc/{process.Pid}/cgroup"), Has.All.EndsWith($":/{parent}/a"));
            Assert.That(group.Remove, Throws.TypeOf<LinuxException>().With.Property(nameof(LinuxException.Errno)).EqualTo(Errno.EBUSY));

            await root.KillAndRemoveAsync(TimeSpan.FromSeconds(10), TimeProvider.System);

            ProcessExit exit = await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
            Assert.That(exit.Signal, Is.EqualTo(Libc.SIGKILL));
            Assert.That(root.Folders, Is.Empty);
            Assert.That(root.Remove, Throws.Nothing, "absence is not an error");
        }
        finally
        {
            await root.KillAndRemoveAsync(TimeSpan.FromSeconds(10), TimeProvider.System);
        }
    }

    private static MountInfo Parse(string line)
    {
        Assert.That(MountInfo.TryParse(line, out MountInfo? mount), Is.True, line);
        return mount!;
    }
}
