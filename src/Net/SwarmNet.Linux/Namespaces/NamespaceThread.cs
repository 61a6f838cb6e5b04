using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace SwarmNet.Linux;

/// <summary>
/// The one thread that enters foreign network namespaces. A thread that is created while its creator is in a foreign namespace stays
/// there for ever (clone(2) copies the namespaces), so managed code that may grow the thread pool must never run inside: work items
/// are raw system calls, and their result is handed over only after the thread is home again.
/// </summary>
internal sealed class NamespaceThread
{
    private static readonly Lazy<NamespaceThread> _shared = new(() => new NamespaceThread(
        Libc.open("/proc/self/ns/net", Libc.O_RDONLY | Libc.O_CLOEXEC, 0).OrThrow("open /proc/self/ns/net"), Environment.FailFast));

    private readonly BlockingCollection<WorkItem> _queue = [];

    private readonly Action<string> _failFast;
    private readonly Thread _thread;

    /// <summary>Starts the thread. Tests give another home and see that failing to return is fatal.</summary>
    /// <param name="home">Where the thread returns to; never closed, since coming back must not depend on /proc.</param>
    /// <param name="failFast">Ends the process.</param>
    internal NamespaceThread(FileDescriptor home, Action<string> failFast)
    {
        Home = home;
        _failFast = failFast;
        _thread = new Thread(Loop, 256 * 1024) { IsBackground = true, Name = "netns" };
        _thread.Start();
    }

    internal static NamespaceThread Shared => _shared.Value;

    /// <summary>The namespace of the process (of its main thread).</summary>
    internal FileDescriptor Home { get; }

    /// <summary>
    /// Runs <paramref name="rawSyscallsOnly"/> inside <paramref name="ns"/> (null: at home, for work that changes the namespace
    /// itself) and comes back. Blocks the caller for tens of microseconds plus the work.
    /// </summary>
    internal T Run<T>(FileDescriptor? ns, Func<T> rawSyscallsOnly)
    {
        WorkItem<T> item = Add(ns, rawSyscallsOnly);
        return item.Wait();
    }

    /// <summary>As <see cref="Run"/>, without blocking the caller.</summary>
    internal Task<T> RunAsync<T>(FileDescriptor? ns, Func<T> rawSyscallsOnly) => Add(ns, rawSyscallsOnly).Task;

    /// <summary>
    /// Prepares a hand-over for a thread that is itself in a foreign namespace: once it calls <c>Post</c>, this thread runs
    /// <paramref name="work"/> at home and completes the task there, so that no pool thread is born abroad.
    /// </summary>
    internal (Task<T> Result, Action Post) PrepareHandOver<T>(Func<T> work)
    {
        var item = new WorkItem<T>(null, work);
        return (item.Task, () => _queue.Add(item));
    }

    private WorkItem<T> Add<T>(FileDescriptor? ns, Func<T> rawSyscallsOnly)
    {
        if (Thread.CurrentThread == _thread)
        {
            throw new InvalidOperationException("Work inside a network namespace cannot enter another one: it would wait for itself. Return first.");
        }

        var item = new WorkItem<T>(ns, rawSyscallsOnly);
        _queue.Add(item);
        return item;
    }

    private void Loop()
    {
        foreach (WorkItem item in _queue.GetConsumingEnumerable())
        {
            // A descriptor that is not a namespace fails here, at home: nothing to undo.
            if (item.Namespace is not null && !item.TryEnter())
            {
                item.Complete();
                continue;
            }

            item.Execute();
            if (Libc.setns(Home, Libc.CLONE_NEWNET) != 0)
            {
                // The result is never handed over: nothing may go on as if this thread were at home.
                _failFast($"Cannot return to the home network namespace ({LinuxException.LastErrno}).");
                return;
            }

            item.Complete();
        }
    }

    private abstract class WorkItem(FileDescriptor? ns)
    {
        internal FileDescriptor? Namespace => ns;

        protected ExceptionDispatchInfo? Failure { get; set; }

        internal bool TryEnter()
        {
            try
            {
                if (Libc.setns(ns!, Libc.CLONE_NEWNET) == 0)
                {
                    return true;
                }

                Failure = ExceptionDispatchInfo.Capture(new LinuxException("setns", LinuxException.LastErrno));
            }
            catch (ObjectDisposedException e)
            {
                Failure = ExceptionDispatchInfo.Capture(e);
            }

            return false;
        }

        internal abstract void Execute();

        internal abstract void Complete();
    }

#pragma warning disable CA1001 // see _done
    private sealed class WorkItem<T>(FileDescriptor? ns, Func<T> work) : WorkItem(ns)
    {
        private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        // Never disposed: the setter may still be inside Set() when the waiter leaves; it holds no kernel object.
        private readonly ManualResetEventSlim _done = new();
        private T _result = default!;

        internal Task<T> Task => _source.Task;

        internal override void Execute()
        {
            try
            {
                _result = work();
            }
            catch (Exception e)
            {
                Failure = ExceptionDispatchInfo.Capture(e);
            }
        }

        internal override void Complete()
        {
            if (Failure is null)
            {
                _source.SetResult(_result);
            }
            else
            {
                _source.SetException(Failure.SourceException);
                _ = _source.Task.Exception; // observed: the blocking caller rethrows from Failure
            }

            _done.Set();
        }

        internal T Wait()
        {
            _done.Wait();
            Failure?.Throw();
            return _result;
        }
    }
}
