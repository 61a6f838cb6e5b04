using System.Net;
using System.Net.Sockets;
using System.Text;

namespace SwarmNet.Linux;

/// <summary>
/// Everything at once that makes a runtime create threads (a growing pool, timers, sockets, processes, freshly compiled code) while
/// namespaces are entered without pause: no thread of the process, managed or not, may be left in one.
/// </summary>
[TestFixture]
[Category("Kernel")]
public sealed class NamespaceStressTests
{
    private const int Workers = 12;
    private const int Rounds = 40;

    private string _folder = null!;

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("swarmnet-stress-").FullName;

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
    public async Task No_thread_is_left_in_a_foreign_namespace()
    {
        ulong home = NetworkNamespace.HomeId;
        ThreadPool.GetMinThreads(out int workers, out int io);
        ThreadPool.SetMinThreads(workers + Workers + 8, io);
        try
        {
            await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(() => Work(worker))));
        }
        finally
        {
            ThreadPool.SetMinThreads(workers, io);
        }

        // The entering thread is at home between its items; no other may be away.
        Assert.That(Away(home), Is.Empty);
    }

    private static List<string> Away(ulong home)
    {
        string mark = $"net:[{home}]";
        var away = new List<string>();
        foreach (string task in Directory.GetDirectories("/proc/self/task"))
        {
            try
            {
                string? ns = new FileInfo($"{task}/ns/net").LinkTarget;
                if (ns is not null && ns != mark)
                {
                    away.Add($"{File.ReadAllText($"{task}/comm").Trim()} in {ns}");
                }
            }
            catch (IOException)
            {
                // It has ended meanwhile.
            }
        }

        return away;
    }

    private static void AssertHome(ulong home) => Assert.That(NetworkNamespace.CurrentThreadId, Is.EqualTo(home), "a pool thread is away");

    private async Task Work(int worker)
    {
        ulong home = NetworkNamespace.HomeId;
        for (int round = 0; round < Rounds; round++)
        {
            string path = Path.Combine(_folder, $"{worker}-{round}");
            using NetworkNamespace ns = NetworkNamespace.Create(path);
            AssertHome(home);

            // A continuation of work inside runs outside.
            ulong inside = await ns.RunAsync(() => NetworkNamespace.CurrentThreadId);
            Assert.That(inside, Is.EqualTo(ns.Id));
            AssertHome(home);
            Assert.That(async () => await ns.RunAsync<int>(() => throw new LinuxException("test", Errno.EBUSY)), Throws.TypeOf<LinuxException>());

            // A connection inside, awaited on the pool.
            using var listener = new Socket(new SafeSocketHandle(ns.OpenSocket(Libc.AF_INET, Libc.SOCK_STREAM, 0).Release(), ownsHandle: true));
            listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            listener.Listen();
            using var client = new Socket(new SafeSocketHandle(ns.OpenSocket(Libc.AF_INET, Libc.SOCK_STREAM, 0).Release(), ownsHandle: true));
            Task<Socket> accepted = listener.AcceptAsync();
            await client.ConnectAsync(listener.LocalEndPoint!);
            using Socket server = await accepted;
            await server.SendAsync(Encoding.ASCII.GetBytes("x"));
            Assert.That(await client.ReceiveAsync(new byte[1]), Is.EqualTo(1));
            AssertHome(home);

            // A timer and blocking work, which make the pool grow.
            var ticked = new TaskCompletionSource<ulong>(TaskCreationOptions.RunContinuationsAsynchronously);
            await using (var timer = new Timer(_ => ticked.TrySetResult(NetworkNamespace.CurrentThreadId), null, 0, Timeout.Infinite))
            {
                Assert.That(await ticked.Task, Is.EqualTo(home));
            }

            await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
            {
                AssertHome(home);
                Assert.That(ns.Run(() => NetworkNamespace.CurrentThreadId), Is.EqualTo(ns.Id));
                AssertHome(home);
            })));

            if (round % 10 == 0)
            {
                using NamespacedProcess process = await NamespacedProcess.StartAsync(new NamespacedProcessOptions
                {
                    FileName = "true",
                    Enter = [new NamespaceToEnter(ns.Descriptor, Libc.CLONE_NEWNET)],
                });
                AssertHome(home);
                Assert.That((await process.WaitForExitAsync()).ShellCode, Is.Zero);
            }

            NetworkNamespace.Delete(path);
        }
    }
}
