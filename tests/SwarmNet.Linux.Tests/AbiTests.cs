namespace SwarmNet.Linux;

/// <summary>Every constant, size and offset of the bindings against the C headers of this machine.</summary>
[TestFixture]
[Category("Kernel")]
public sealed class AbiTests
{
    [Test]
    public void Bindings_agree_with_the_headers()
    {
        var abi = new CHeaderAssertions(
            "fcntl.h", "linux/falloc.h", "linux/magic.h", "linux/netlink.h", "linux/nsfs.h", "net/if.h", "netinet/in.h", "netinet/tcp.h",
            "netpacket/packet.h", "poll.h", "sched.h", "signal.h", "spawn.h", "sys/epoll.h", "sys/eventfd.h", "sys/file.h", "sys/ioctl.h",
            "sys/mount.h", "sys/prctl.h", "sys/socket.h", "sys/stat.h", "sys/syscall.h", "sys/uio.h", "sys/utsname.h", "sys/vfs.h", "sys/wait.h");
        abi.Constants(typeof(Libc), static name => !name.StartsWith("sizeof_", StringComparison.Ordinal)
            && !name.StartsWith("offsetof_", StringComparison.Ordinal) && name is not "libc" and not "IsArm64" && !name.StartsWith('<'));
        abi.Equal("sizeof(struct epoll_event)", Libc.sizeof_epoll_event);
        abi.Equal("offsetof(struct epoll_event, data)", Libc.offsetof_epoll_event_data);
        abi.Equal("sizeof(sigset_t)", Libc.sizeof_sigset_t);
        abi.Equal($"sizeof(posix_spawnattr_t) <= {Libc.sizeof_posix_spawn_block}", 1);
        abi.Equal($"sizeof(posix_spawn_file_actions_t) <= {Libc.sizeof_posix_spawn_block}", 1);
        abi.Struct(typeof(Libc.siginfo_t), "siginfo_t");
        abi.Struct(typeof(Libc.statfs_t), "struct statfs", true, nameof(Libc.statfs_t.f_fsid0), nameof(Libc.statfs_t.f_fsid1));
        abi.Equal("offsetof(struct statfs, f_fsid)", System.Runtime.InteropServices.Marshal.OffsetOf<Libc.statfs_t>(nameof(Libc.statfs_t.f_fsid0)));
        abi.Struct(typeof(Libc.stat_t), "struct stat");
        abi.Struct(typeof(Libc.ifreq_flags), "struct ifreq");
        abi.Struct(typeof(Libc.utsname), "struct utsname");
        abi.Struct(typeof(Libc.pollfd), "struct pollfd");
        abi.Struct(typeof(Libc.iovec), "struct iovec");
        abi.Struct(typeof(Libc.msghdr), "struct msghdr");
        abi.Struct(typeof(Libc.mmsghdr), "struct mmsghdr");
        abi.Struct(typeof(Libc.timeval), "struct timeval");
        abi.Struct(typeof(Libc.timespec), "struct timespec");
        abi.Struct(typeof(Libc.sockaddr_in), "struct sockaddr_in");
        abi.Struct(typeof(Libc.sockaddr_in6), "struct sockaddr_in6");
        abi.Struct(typeof(Libc.sockaddr_ll), "struct sockaddr_ll");
        abi.Struct(typeof(Libc.sockaddr_nl), "struct sockaddr_nl");

        Assert.That(abi.Count, Is.GreaterThan(200), "reflection must have found the bindings");
        abi.Verify();
    }

    [Test]
    public void A_wrong_constant_is_noticed()
    {
        var abi = new CHeaderAssertions("fcntl.h");
        abi.Equal("O_CREAT", 41);

        Assert.That(abi.Verify, Throws.TypeOf<AssertionException>().With.Message.Contains("O_CREAT is not 41"));
    }
}
