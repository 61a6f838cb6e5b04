using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;
using SwarmNet.Linux;

namespace SwarmNet.Agent.Executor;

/// <summary>
/// One thread that waits for the kernel on behalf of all containers: ends of processes (pidfd) and changes in folders (inotify).
/// Callbacks run on that thread and must not block.
/// </summary>
internal sealed partial class EventThread : IDisposable
{
    private const int CLOEXEC = 0x80000;
    private const int NONBLOCK = 0x800;
    private const uint IN_MODIFY_CLOSE_WRITE_MOVED_TO = 0x2 | 0x8 | 0x80;

    private readonly ConcurrentDictionary<ulong, Action> _ready = new();
    private readonly ConcurrentDictionary<int, Action<string>> _folders = new();
    private readonly Epoll _epoll = new();
    private readonly SafeFileHandle _inotify;
    private readonly FileDescriptor _wake = Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK).OrThrow("eventfd");
    private readonly Thread _thread;
    private ulong _lastKey;
    private volatile bool _isDisposed;

    public EventThread()
    {
        _inotify = Handle(inotify_init1(CLOEXEC | NONBLOCK), "inotify_init1");
        Add(_inotify, ReadFolders);
        Add(_wake, () => { });
        _thread = new Thread(Run) { IsBackground = true, Name = "container events" };
        _thread.Start();
    }

    /// <summary>Completes when the process of the descriptor has ended. The descriptor must stay open until then.</summary>
    public async Task WaitForExitAsync(SafeFileHandle process, CancellationToken cancellationToken)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var key = Add(process, () => ended.TrySetResult());
        try
        {
            await ended.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            _ready.TryRemove(key, out _);
            _epoll.Remove(process);
        }
    }

    /// <summary>Calls back with the name of every file in the folder that was written, closed after writing, or moved in.</summary>
    /// <returns>Ends the watch.</returns>
    public IDisposable WatchFolder(string folder, Action<string> changed)
    {
        var watch = inotify_add_watch(_inotify, folder, IN_MODIFY_CLOSE_WRITE_MOVED_TO);
        if (watch < 0)
        {
            throw LibC.Error("inotify_add_watch", folder);
        }

        _folders[watch] = changed;
        return new Watch(this, watch);
    }

    public void Dispose()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;
        Wake();
        _thread.Join();
        _inotify.Dispose();
        _wake.Dispose();
        _epoll.Dispose();
    }

    private static SafeFileHandle Handle(int fd, string call) => fd >= 0 ? new SafeFileHandle(fd, true) : throw LibC.Error(call, "");

    private unsafe void Wake()
    {
        ulong one = 1;
        _ = Libc.write(_wake, (byte*)&one, sizeof(ulong));
    }

    private ulong Add(SafeHandle handle, Action ready)
    {
        var key = Interlocked.Increment(ref _lastKey);
        _ready[key] = ready;
        _epoll.Add(handle, Libc.EPOLLIN, key);
        return key;
    }

    private void Run()
    {
        Span<ulong> keys = stackalloc ulong[64];
        while (!_isDisposed)
        {
            var count = _epoll.Wait(keys, -1);
            for (var i = 0; i < count; i++)
            {
                if (_ready.TryGetValue(keys[i], out var ready))
                {
                    Call(ready);
                }
            }
        }
    }

    // One container's bad file must not end the daemon: callbacks only say "look again", and the next one will.
    private static void Call(Action callback)
    {
        try
        {
            callback();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private void ReadFolders()
    {
        // | wd i32 | mask u32 | cookie u32 | length u32 | name, padded with zeros to length |
        Span<byte> buffer = stackalloc byte[8192];
        while (read(_inotify, buffer, (nuint)buffer.Length) is var count and > 0)
        {
            for (var rest = buffer[..(int)count]; rest.Length >= 16;)
            {
                var length = BinaryPrimitives.ReadInt32LittleEndian(rest[12..]);
                if (_folders.TryGetValue(BinaryPrimitives.ReadInt32LittleEndian(rest), out var changed))
                {
                    var name = Encoding.UTF8.GetString(rest.Slice(16, length)).TrimEnd('\0');
                    Call(() => changed(name));
                }

                rest = rest[(16 + length)..];
            }
        }
    }

    private sealed class Watch(EventThread owner, int watch) : IDisposable
    {
        public void Dispose()
        {
            if (owner._folders.TryRemove(watch, out _) && !owner._isDisposed)
            {
                _ = inotify_rm_watch(owner._inotify, watch);
            }
        }
    }

#pragma warning disable SYSLIB1054, CA5392
    [LibraryImport("libc", SetLastError = true)]
    private static partial int inotify_init1(int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int inotify_add_watch(SafeFileHandle inotify, string path, uint mask);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int inotify_rm_watch(SafeFileHandle inotify, int watch);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint read(SafeFileHandle fd, Span<byte> buffer, nuint count);

#pragma warning restore SYSLIB1054, CA5392
}
