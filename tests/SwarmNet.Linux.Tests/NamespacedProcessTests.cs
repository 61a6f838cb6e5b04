using System.Text;
using Microsoft.Win32.SafeHandles;

namespace SwarmNet.Linux;

[TestFixture]
[Category("Kernel")]
public sealed class NamespacedProcessTests
{
    [TestCase("exit 0", 0, 0, 0)]
    [TestCase("exit 42", 42, 0, 42)]
    [TestCase("kill -9 $$", 0, 9, 137)]
    public async Task Exit_status_is_reported(string script, int code, int signal, int shellCode)
    {
        using NamespacedProcess process = await NamespacedProcess.StartAsync(Shell(script));
        ProcessExit exit = await Exit(process);

        Assert.That(exit, Is.EqualTo(new ProcessExit(true, code, signal)));
        Assert.That(exit.ShellCode, Is.EqualTo(shellCode));
        Assert.That(process.SendSignal(Libc.SIGTERM), Is.False, "it is gone");
    }

    [Test]
    public async Task A_signal_reaches_the_process_through_its_pidfd()
    {
        using NamespacedProcess process = await NamespacedProcess.StartAsync(Shell("exec sleep 1000"));

        Assert.That(process.SendSignal(Libc.SIGTERM), Is.True);
        Assert.That(await Exit(process), Is.EqualTo(new ProcessExit(true, 0, Libc.SIGTERM)));
    }

    [Test]
    public async Task The_end_of_a_process_that_is_not_a_child_is_seen()
    {
        (NamespacedProcess shell, string output) = await StartReading("sleep 1000 >/dev/null & echo $!");
        await Exit(shell);
        using PidFd orphan = PidFd.Open(int.Parse(output));
        Task<ProcessExit> exit = orphan.WaitForExitAsync();
        Assert.That(exit.IsCompleted, Is.False);
        orphan.SendSignal(Libc.SIGKILL);

        Assert.That(await exit.WaitAsync(TimeSpan.FromSeconds(10)), Is.EqualTo(default(ProcessExit)), "status unknown");
        shell.Dispose();
    }

    [Test]
    public async Task Arguments_environment_folder_and_signals_arrive()
    {
        (NamespacedProcess process, string output) = await StartReading(
            "printf '%s|' \"$0\" \"$1\" \"$X\" \"$PWD\" \"$HOME\"; grep SigIgn /proc/self/status | tr -d '\\t\\n'",
            new NamespacedProcessOptions
            {
                FileName = "sh",
                Arguments = ["a b", "ü'\"$"],
                Environment = new Dictionary<string, string> { ["X"] = "1=2", ["PATH"] = "/usr/bin:/bin" },
                WorkingDirectory = "/usr",
            });
        using (process)
        {
            await Exit(process);
            string[] parts = output.Split("SigIgn:");
            Assert.That(parts[0], Is.EqualTo("a b|ü'\"$|1=2|/usr||"));

            // 32 and 33 belong to libc; of the others none may be ignored (the runtime ignores SIGPIPE).
            Assert.That(Convert.ToUInt64(parts[1], 16) & ~0x1_8000_0000ul, Is.Zero);
        }
    }

    [Test]
    public async Task It_runs_in_the_namespaces_asked_for_and_we_do_not()
    {
        string home = File.ReadAllText("/proc/sys/kernel/hostname");
        string path = Path.Combine(Path.GetTempPath(), $"swarmnet-linux-{Environment.ProcessId}-proc");
        using NetworkNamespace ns = NetworkNamespace.Create(path);
        try
        {
            (NamespacedProcess process, string output) = await StartReading(
                "readlink /proc/self/ns/net; hostname; echo $$; test -e /mnt/marker && echo mounted",
                new NamespacedProcessOptions
                {
                    FileName = "sh",
                    Enter = [new NamespaceToEnter(ns.Descriptor, Libc.CLONE_NEWNET)],
                    Unshare = Libc.CLONE_NEWNS | Libc.CLONE_NEWUTS | Libc.CLONE_NEWIPC | Libc.CLONE_NEWPID,
                    BeforeStart = static () =>
                    {
                        SetHostName("inside"u8);
                        MountTable.Mount("none", "/mnt", "tmpfs");
                        _ = Libc.mkdir("/mnt/marker", 0x1ed);
                    },
                });
            using (process)
            {
                await Exit(process);
                Assert.That(output, Is.EqualTo($"net:[{ns.Id}]\ninside\n1\nmounted\n"));
            }

            Assert.That(File.ReadAllText("/proc/sys/kernel/hostname"), Is.EqualTo(home));
            Assert.That(Directory.Exists("/mnt/marker"), Is.False);
            Assert.That(NetworkNamespace.CurrentThreadId, Is.EqualTo(NetworkNamespace.HomeId));
        }
        finally
        {
            NetworkNamespace.Delete(path);
        }
    }

    [Test]
    public void Failures_name_the_step()
    {
        Assert.That(async () => await NamespacedProcess.StartAsync(new NamespacedProcessOptions { FileName = "/no/such/program" }),
            Throws.TypeOf<LinuxException>().With.Message.StartsWith("start /no/such/program: No such file or directory (ENOENT)"));
        Assert.That(async () => await NamespacedProcess.StartAsync(new NamespacedProcessOptions
        {
            FileName = "true",
            BeforeStart = static () => throw new LinuxException("step", Errno.EROFS),
        }), Throws.TypeOf<LinuxException>().With.Property(nameof(LinuxException.Operation)).EqualTo("step"));
        Assert.That(async () => await NamespacedProcess.StartAsync(new NamespacedProcessOptions { FileName = "true", Arguments = ["a\0b"] }),
            Throws.TypeOf<ArgumentException>());
    }

    [Test]
    public async Task Many_at_once_end_with_their_own_status()
    {
        int[] codes = [.. Enumerable.Range(0, 60)];
        ProcessExit[] exits = await Task.WhenAll(codes.Select(async code =>
        {
            using NamespacedProcess process = await NamespacedProcess.StartAsync(Shell($"exit {code}"));
            return await Exit(process);
        }));

        Assert.That(exits.Select(e => e.Code), Is.EqualTo(codes));
    }

    [Test]
    public void TryOpen_of_no_process_is_null() => Assert.That(PidFd.TryOpen(int.MaxValue), Is.Null);

    private static unsafe void SetHostName(ReadOnlySpan<byte> name)
    {
        fixed (byte* p = name)
        {
            if (Libc.sethostname(p, (nuint)name.Length) != 0)
            {
                LinuxException.ThrowLast("sethostname");
            }
        }
    }

    private static NamespacedProcessOptions Shell(string script) => new() { FileName = "sh", Arguments = ["-c", script] };

    private static Task<ProcessExit> Exit(NamespacedProcess process) => process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));

    private static async Task<(NamespacedProcess Process, string Output)> StartReading(string script, NamespacedProcessOptions? like = null)
    {
        PipeEnds pipe = PipeEnds.Create();
        NamespacedProcess process;
        using (pipe.Write)
        {
            process = await NamespacedProcess.StartAsync(new NamespacedProcessOptions
            {
                FileName = "sh",
                Arguments = ["-c", script, .. like?.Arguments ?? []],
                Environment = like?.Environment,
                WorkingDirectory = like?.WorkingDirectory,
                Enter = like?.Enter ?? [],
                Unshare = like?.Unshare ?? 0,
                BeforeStart = like?.BeforeStart,
                StandardOutput = pipe.Write,
            });
        }

        using var stream = new FileStream(new SafeFileHandle(pipe.Read.Release(), true), FileAccess.Read, 1);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return (process, await reader.ReadToEndAsync());
    }
}
