namespace SwarmNet.Linux;

[TestFixture]
[Category("Kernel")]
public sealed class NetworkNamespaceTests
{
    private string _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("swarmnet-linux-").FullName;

    [TearDown]
    public void DeleteFolder()
    {
        foreach (string file in Directory.GetFiles(_folder))
        {
            NetworkNamespace.Delete(file);
        }

        Directory.Delete(_folder);
    }

    [Test]
    public void Create_makes_another_namespace_that_Open_finds_again()
    {
        using NetworkNamespace created = NetworkNamespace.Create(PathOf("a"));
        using NetworkNamespace opened = NetworkNamespace.Open(PathOf("a"));

        Assert.That(created.Id, Is.Not.EqualTo(NetworkNamespace.HomeId));
        Assert.That(opened.Id, Is.EqualTo(created.Id));
    }

    [Test]
    public void Create_refuses_a_path_that_exists()
    {
        using NetworkNamespace first = NetworkNamespace.Create(PathOf("a"));

        Assert.That(() => NetworkNamespace.Create(PathOf("a")), Throws.TypeOf<LinuxException>()
            .With.Property(nameof(LinuxException.Errno)).EqualTo(Errno.EEXIST));
        Assert.That(NetworkNamespace.Open(PathOf("a")).Id, Is.EqualTo(first.Id), "the existing namespace must survive");
    }

    [Test]
    public void Run_is_inside_and_comes_home()
    {
        using NetworkNamespace ns = NetworkNamespace.Create(PathOf("a"));

        Assert.That(ns.Run(() => NetworkNamespace.CurrentThreadId), Is.EqualTo(ns.Id));
        Assert.That(NetworkNamespace.CurrentThreadId, Is.EqualTo(NetworkNamespace.HomeId));
        Assert.That(NamespaceThread.Shared.Run<ulong>(null, () => NetworkNamespace.CurrentThreadId), Is.EqualTo(NetworkNamespace.HomeId));
    }

    [Test]
    public void Run_rethrows_what_the_work_threw_and_keeps_working()
    {
        using NetworkNamespace ns = NetworkNamespace.Create(PathOf("a"));

        Assert.That(() => ns.Run<int>(() => throw new LinuxException("test", Errno.EBUSY)), Throws.TypeOf<LinuxException>());
        Assert.That(ns.Run(() => NetworkNamespace.CurrentThreadId), Is.EqualTo(ns.Id));
    }

    [Test]
    public void Run_of_a_disposed_namespace_throws_for_the_caller_only()
    {
        NetworkNamespace ns = NetworkNamespace.Create(PathOf("a"));
        ns.Dispose();

        Assert.That(() => ns.Run(() => 1), Throws.TypeOf<ObjectDisposedException>());
        using NetworkNamespace again = NetworkNamespace.Open(PathOf("a"));
        Assert.That(again.Run(() => 1), Is.EqualTo(1));
    }

    [Test]
    public void Run_in_something_that_is_no_namespace_fails()
    {
        Assert.That(() => NetworkNamespace.Open("/dev/null"), Throws.TypeOf<LinuxException>());
    }

    [Test]
    public void SetSysctl_writes_inside_only()
    {
        using NetworkNamespace ns = NetworkNamespace.Create(PathOf("a"));
        string home = File.ReadAllText("/proc/sys/net/ipv4/ip_forward");
        string other = home.Trim() == "1" ? "0" : "1";

        ns.SetSysctl("net.ipv4.ip_forward", other);

        Assert.That(File.ReadAllText("/proc/sys/net/ipv4/ip_forward"), Is.EqualTo(home));
        Assert.That(ReadInside(ns, "/proc/sys/net/ipv4/ip_forward"), Is.EqualTo(other + "\n"));
        Assert.That(() => ns.SetSysctl("net.ipv4.no_such_thing", "1"), Throws.TypeOf<LinuxException>()
            .With.Message.Contains("/proc/sys/net/ipv4/no_such_thing").And.Property(nameof(LinuxException.Errno)).EqualTo(Errno.ENOENT));
    }

    [Test]
    public void Delete_is_idempotent_and_removes_a_plain_file_too()
    {
        NetworkNamespace.Create(PathOf("a")).Dispose();
        File.WriteAllText(PathOf("b"), "");

        foreach (string name in new[] { "a", "a", "b" })
        {
            NetworkNamespace.Delete(PathOf(name));
            Assert.That(File.Exists(PathOf(name)), Is.False);
        }
    }

    [Test]
    public async Task No_pool_thread_ends_in_a_foreign_namespace()
    {
        using NetworkNamespace a = NetworkNamespace.Create(PathOf("a"));
        using NetworkNamespace b = NetworkNamespace.Create(PathOf("b"));
        ThreadPool.GetMinThreads(out int workers, out int io);
        ThreadPool.SetMinThreads(workers + 64, io);
        try
        {
            for (int round = 0; round < 50; round++)
            {
                // 64 blocking waits at once make the pool grow while the entering thread is away from home.
                using var gate = new CountdownEvent(64);
                Task<ulong>[] tasks = [.. Enumerable.Range(0, 64).Select(i => Task.Run(() =>
                {
                    gate.Signal();
                    gate.Wait();
                    _ = (i % 2 == 0 ? a : b).Run(() => NetworkNamespace.CurrentThreadId);
                    NetworkNamespace.AssertPoolThreadIsHome();
                    return NetworkNamespace.CurrentThreadId;
                }))];
                ulong[] seen = await Task.WhenAll(tasks);
                ulong afterAsync = await a.RunAsync(() => NetworkNamespace.CurrentThreadId).ContinueWith(
                    static t => t.Result == NetworkNamespace.CurrentThreadId ? 0ul : NetworkNamespace.CurrentThreadId,
                    TaskScheduler.Default);

                Assert.That(seen, Has.All.EqualTo(NetworkNamespace.HomeId));
                Assert.That(afterAsync, Is.EqualTo(NetworkNamespace.HomeId));
            }
        }
        finally
        {
            ThreadPool.SetMinThreads(workers, io);
        }
    }

    [Test]
    public void Work_inside_that_wants_to_enter_another_namespace_is_refused_rather_than_stuck()
    {
        using NetworkNamespace a = NetworkNamespace.Create(PathOf("a"));
        using NetworkNamespace b = NetworkNamespace.Create(PathOf("b"));

        Assert.That(() => a.Run(() => b.Run(() => 1)), Throws.InvalidOperationException.With.Message.Contains("wait for itself"));
        Assert.That(() => a.RunAsync(() => b.RunAsync(() => 1)), Throws.InvalidOperationException);
        Assert.That(b.Run(() => NetworkNamespace.CurrentThreadId), Is.EqualTo(b.Id));
    }

    [Test]
    public void A_thread_that_cannot_return_ends_the_process_and_hands_over_nothing()
    {
        using NetworkNamespace ns = NetworkNamespace.Create(PathOf("a"));
        using FileDescriptor noHome = Libc.open("/dev/null", Libc.O_RDONLY, 0).OrThrow("open");
        using var failed = new ManualResetEventSlim();
        string? words = null;
        var thread = new NamespaceThread(noHome, message =>
        {
            words = message;
            failed.Set();
        });

        Task<int> result = thread.RunAsync(ns.Descriptor, () => 42);

        Assert.That(failed.Wait(TimeSpan.FromSeconds(10)), Is.True);
        Assert.That(words, Is.EqualTo("Cannot return to the home network namespace (EINVAL)."));
        Assert.That(result.IsCompleted, Is.False);
        Assert.That(thread.RunAsync(null, () => 1).Wait(TimeSpan.FromMilliseconds(200)), Is.False, "it works no more");
    }

    [Test]
    public void AssertPoolThreadIsHome_sees_a_thread_that_is_away()
    {
        using NetworkNamespace ns = NetworkNamespace.Create(PathOf("a"));
        Exception? caught = null;
        var thread = new Thread(() =>
        {
            _ = Libc.setns(ns.Descriptor, Libc.CLONE_NEWNET);
            try
            {
                NetworkNamespace.AssertPoolThreadIsHome();
            }
            catch (InvalidOperationException e)
            {
                caught = e;
            }
        });
        thread.Start();
        thread.Join();

        Assert.That(caught, Is.Not.Null);
    }

    [TestCase("net.ipv4.ip_forward", "/proc/sys/net/ipv4/ip_forward")]
    [TestCase("net/ipv4/conf/eth0.5/rp_filter", "/proc/sys/net/ipv4/conf/eth0.5/rp_filter")]
    public void SysctlPath_follows_sysctl8(string name, string path) => Assert.That(NetworkNamespace.SysctlPath(name), Is.EqualTo(path));

    private static unsafe string ReadInside(NetworkNamespace ns, string path) => ns.Run(() =>
    {
        byte[] buffer = new byte[64];
        using FileDescriptor fd = Libc.open(path, Libc.O_RDONLY, 0).OrThrow("open");
        fixed (byte* p = buffer)
        {
            return System.Text.Encoding.UTF8.GetString(buffer, 0, (int)Libc.read(fd, p, 64));
        }
    });

    private string PathOf(string name) => Path.Combine(_folder, name);
}
