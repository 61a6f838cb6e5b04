using System.Runtime.InteropServices;

namespace SwarmNet.Linux;

#pragma warning disable CS1591, CA2101 // names and meaning are those of the header

// spawn.h (GNU): opaque attribute blocks are allocated by the caller with room to spare
public static unsafe partial class Libc
{
    public const short POSIX_SPAWN_SETSIGDEF = 0x04;
    public const short POSIX_SPAWN_SETSIGMASK = 0x08;
    public const short POSIX_SPAWN_SETSID = 0x80;

    // sizeof(posix_spawnattr_t) = 336 and sizeof(posix_spawn_file_actions_t) = 80 with glibc; musl's are no larger.
    public const int sizeof_posix_spawn_block = 512;
    public const int sizeof_sigset_t = 128;

    [LibraryImport(libc)]
    public static partial int posix_spawnp(int* pid, byte* file, void* fileActions, void* attr, byte** argv, byte** envp);

    [LibraryImport(libc)]
    public static partial int posix_spawnattr_init(void* attr);

    [LibraryImport(libc)]
    public static partial int posix_spawnattr_destroy(void* attr);

    [LibraryImport(libc)]
    public static partial int posix_spawnattr_setflags(void* attr, short flags);

    [LibraryImport(libc)]
    public static partial int posix_spawnattr_setsigdefault(void* attr, void* sigset);

    [LibraryImport(libc)]
    public static partial int posix_spawnattr_setsigmask(void* attr, void* sigset);

    [LibraryImport(libc)]
    public static partial int posix_spawn_file_actions_init(void* actions);

    [LibraryImport(libc)]
    public static partial int posix_spawn_file_actions_destroy(void* actions);

    [LibraryImport(libc)]
    public static partial int posix_spawn_file_actions_adddup2(void* actions, int fd, int newfd);

    [LibraryImport(libc)]
    public static partial int posix_spawn_file_actions_addchdir_np(void* actions, byte* path);

    [LibraryImport(libc)]
    public static partial int sigemptyset(void* sigset);

    [LibraryImport(libc)]
    public static partial int sigfillset(void* sigset);

    [LibraryImport(libc)]
    public static partial int sigdelset(void* sigset, int signum);
}
