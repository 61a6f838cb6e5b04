using System.Diagnostics;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.Agent.Executor;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Tests.Executor;

[Category("Kernel")]
public class ContainerTests
{
    [Test]
    public async Task A_task_runs_ends_and_is_removed()
    {
        await using var node = await TestNode.StartAsync();
        var task = TestNode.Shell("echo out; echo err >&2; exit 0");
        await node.AssignAsync(task);

        var status = await node.ReachesAsync(task, TaskState.Complete);

        Assert.That(status.Message, Is.EqualTo("finished"));
        Assert.That((await node.LogAsync(task), await node.LogAsync(task, error: true)), Is.EqualTo(("out\n", "err\n")));
        Assert.That(node.Executor.Containers.List().Single().State, Is.EqualTo(ContainerState.Exited));
        Assert.That(node.Network.Calls, Does.Contain("create " + task.Id).And.Contains("remove " + task.Id));
    }

    [Test]
    public async Task A_code_other_than_zero_fails_the_task_with_Dockers_words()
    {
        await using var node = await TestNode.StartAsync();
        var task = TestNode.Shell("exit 7");
        await node.AssignAsync(task);

        var status = await node.ReachesAsync(task, TaskState.Failed);

        Assert.That((status.Err, status.Message, status.Container.ExitCode, status.Container.Pid), Is.EqualTo(("task: non-zero exit (7)", "started", 7, 0)));
    }

    [Test]
    public async Task A_program_that_is_not_there_fails_at_starting()
    {
        await using var node = await TestNode.StartAsync();
        var task = TestNode.Shell("", t =>
        {
            t.Spec.Container.Command.Add("/no/such/cmd");
        });
        await node.AssignAsync(task);

        var status = await node.ReachesAsync(task, TaskState.Failed);

        Assert.That(status.Err, Does.StartWith("starting container failed: ").And.Contain("/no/such/cmd"));
        Assert.That((status.Message, status.Container.ExitCode), Is.EqualTo(("starting", 127)));
    }

    [Test]
    public async Task What_cannot_be_prepared_is_rejected()
    {
        await using var node = await TestNode.StartAsync();
        var image = TestNode.Shell("", t => t.Spec.Container.Image = "busybox:9.9");
        var mount = TestNode.Shell("", t => t.Spec.Container.Mounts.Add(new Mount { Type = Mount.Types.MountType.Bind, Source = "/nowhere", Target = "/x" }));
        var user = TestNode.Shell("", t => t.Spec.Container.User = "nobody");
        var signal = TestNode.Shell("", t => t.Spec.Container.StopSignal = "SIGFROB");
        await node.AssignAsync(image, mount, user, signal);

        Assert.That((await node.ReachesAsync(image, TaskState.Rejected)).Err, Does.StartWith("No such image: busybox:9.9"));
        Assert.That((await node.ReachesAsync(mount, TaskState.Rejected)).Err, Is.EqualTo("invalid mount config for type \"bind\": bind source path does not exist: /nowhere"));
        Assert.That((await node.ReachesAsync(user, TaskState.Rejected)).Err, Is.EqualTo("unable to find user nobody: no matching entries in passwd file"));
        Assert.That((await node.ReachesAsync(signal, TaskState.Rejected)).Err, Is.EqualTo("Invalid signal: SIGFROB"));
        Assert.That(node.Executor.Containers.List(), Is.Empty);
    }

    [Test]
    public async Task The_container_is_as_the_service_says()
    {
        await using var node = await TestNode.StartAsync();
        var task = TestNode.Shell("id; hostname; cat /etc/hosts /etc/resolv.conf; env; cat /run/secrets/key /conf; cat /data/seed; ls -ld /run/secrets/key; touch /x || echo readonly; echo cwd $PWD", t =>
        {
            var spec = t.Spec.Container;
            spec.User = "web";
            spec.Groups.Add("100");
            spec.Hostname = "h-{{.Service.Name}}-{{.Task.Slot}}-{{.Node.Hostname}}";
            spec.Env.Add(["A=slot {{.Task.Slot}}", "FROM_IMAGE"]);
            spec.Dir = "/made/here";
            spec.ReadOnly = true;
            spec.Hosts.Add("10.1.2.3 extra");
            spec.Secrets.Add(new SecretReference { SecretId = "s", SecretName = "key", File = new FileTarget { Name = "key", Uid = "33", Gid = "34", Mode = 0x100 } });
            spec.Configs.Add(new ConfigReference { ConfigId = "c", ConfigName = "conf", File = new FileTarget { Name = "conf", Uid = "0", Gid = "0", Mode = 0x124 } });
            spec.Mounts.Add(new Mount { Type = Mount.Types.MountType.Volume, Source = "vol", Target = "/data" });
        });
        var message = new AssignmentsMessage { Type = AssignmentsMessage.Types.Type.Complete };
        message.Changes.Add(new AssignmentChange { Assignment = new Assignment { Secret = new Secret { Id = "s", Spec = new SecretSpec { Data = ByteString.CopyFromUtf8("secret-value\n") } } } });
        message.Changes.Add(new AssignmentChange { Assignment = new Assignment { Config = new Config { Id = "c", Spec = new ConfigSpec { Data = ByteString.CopyFromUtf8("{{.Service.Name}} config\n"), Templating = new Driver { Name = "golang" } } } } });
        message.Changes.Add(new AssignmentChange { Assignment = new Assignment { Task = task } });
        await node.Worker.ApplyAsync(message, CancellationToken.None);
        await node.ReachesAsync(task, TaskState.Complete);

        var log = await node.LogAsync(task);

        Assert.That(log, Does.Contain("uid=33(web) gid=34(web) groups=50(staff),100"));
        Assert.That(log, Does.Contain("h-web-2-node-one\n"));
        Assert.That(log, Does.Contain("10.1.2.3\textra").And.Contain("10.9.8.7\th-web-2-node-one").And.Contain("nameserver 127.0.0.11"));
        Assert.That(log, Does.Contain("A=slot 2").And.Not.Contain("FROM_IMAGE").And.Contain("PATH=/usr/local/sbin:"));
        Assert.That(log, Does.Contain("secret-value").And.Contain("web config").And.Contain("from the image"));
        Assert.That(log, Does.Contain("-r--------    1 web      web").And.Contain("readonly").And.Contain("cwd /made/here"));
        Assert.That(File.ReadAllText(Path.Combine(node.State, "volumes/vol/_data/seed")), Is.EqualTo("from the image\n"));
    }

    [Test]
    public async Task Shutdown_sends_the_stop_signal_and_kills_after_the_grace_period()
    {
        await using var node = await TestNode.StartAsync();
        var polite = TestNode.Shell("trap 'echo stopped; exit 3' INT; echo ready; while :; do sleep 0.05; done", t => t.Spec.Container.StopSignal = "SIGINT");
        var deaf = TestNode.Shell("trap '' TERM; echo ready; while :; do sleep 1; done", t => t.Spec.Container.StopGracePeriod = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(300)));
        await node.AssignAsync(polite, deaf);
        foreach (var task in new[] { polite, deaf })
        {
            await node.ReachesAsync(task, TaskState.Running);
            await TestNode.UntilAsync(() => node.LogAsync(task).Result.Contains("ready", StringComparison.Ordinal));
            task.DesiredState = TaskState.Shutdown;
        }

        await node.AssignAsync(polite, deaf);

        Assert.That((await node.ReachesAsync(polite, TaskState.Shutdown)).Container.ExitCode, Is.EqualTo(3));
        Assert.That((await node.ReachesAsync(deaf, TaskState.Shutdown)).Container.ExitCode, Is.EqualTo(137));
        Assert.That(await node.LogAsync(polite), Does.EndWith("stopped\n"));
    }

    [Test]
    public async Task Memory_and_process_limits_hold()
    {
        await using var node = await TestNode.StartAsync();
        var memory = TestNode.Shell("tail /dev/zero", t => t.Spec.Resources = new ResourceRequirements { Limits = new Resources { MemoryBytes = 16 << 20 }, SwapBytes = 0 });
        var pids = TestNode.Shell("for i in $(seq 30); do sleep 20 & done; echo done", t => t.Spec.Container.PidsLimit = 10);
        await node.AssignAsync(memory, pids);

        var status = await node.ReachesAsync(memory, TaskState.Failed);

        Assert.That(status.Err, Is.EqualTo("task: non-zero exit (137)").Or.EqualTo("task: non-zero exit (1)"), "killed for its memory");
        await TestNode.UntilAsync(() => node.Worker.TaskStatuses.First(s => s.Key == pids.Id).Value.State >= TaskState.Running);
        await TestNode.UntilAsync(() => node.LogAsync(pids, error: true).Result.Contains("can't fork", StringComparison.Ordinal));
    }

    [Test]
    public async Task A_killed_process_is_noticed_and_so_is_a_killed_shim()
    {
        await using var node = await TestNode.StartAsync();
        var (first, second) = (TestNode.Shell("sleep 1000"), TestNode.Shell("sleep 1000"));
        await node.AssignAsync(first, second);
        var pid = (await node.ReachesAsync(first, TaskState.Running)).Container.Pid;
        var other = (await node.ReachesAsync(second, TaskState.Running)).Container;
        using (var process = Process.GetProcessById(pid))
        {
            process.Kill();
        }

        var shim = File.ReadAllText(Path.Combine(node.State, "containers", other.ContainerId, "io/shim")).Split(' ')[0];
        using (var process = Process.GetProcessById(int.Parse(shim)))
        {
            process.Kill();
        }

        Assert.That((await node.ReachesAsync(first, TaskState.Failed)).Err, Is.EqualTo("task: non-zero exit (137)"));
        Assert.That((await node.ReachesAsync(second, TaskState.Failed)).Err, Is.EqualTo("task: non-zero exit (137)"));
        Assert.That(Directory.Exists($"/proc/{other.Pid}"), Is.False);
    }

    [Test]
    public async Task A_restart_of_the_daemon_loses_nothing_and_restarts_nothing()
    {
        await using var node = await TestNode.StartAsync();
        var lives = TestNode.Shell("echo one; while test ! -e /tmp/go; do sleep 0.05; done; echo two; sleep 1000");
        var ends = TestNode.Shell("while test ! -e /tmp/go; do sleep 0.05; done; echo last; exit 42");
        var dropped = TestNode.Shell("sleep 1000");
        await node.AssignAsync(lives, ends, dropped);
        var before = (await node.ReachesAsync(lives, TaskState.Running)).Container;
        var ending = (await node.ReachesAsync(ends, TaskState.Running)).Container;
        await node.ReachesAsync(dropped, TaskState.Running);
        await TestNode.UntilAsync(() => node.LogAsync(lives).Result.Length > 0);

        await node.RestartAsync(async () =>
        {
            await File.WriteAllTextAsync($"/proc/{before.Pid}/root/tmp/go", "");
            await File.WriteAllTextAsync($"/proc/{ending.Pid}/root/tmp/go", "");
            await TestNode.UntilAsync(() => !Directory.Exists($"/proc/{ending.Pid}"));
        });

        Assert.That((await node.ReachesAsync(ends, TaskState.Failed)).Err, Is.EqualTo("task: non-zero exit (42)"));
        Assert.That((await node.ReachesAsync(lives, TaskState.Running)).Container, Is.EqualTo(before));
        Assert.That(await node.LogAsync(ends), Is.EqualTo("last\n"));
        await TestNode.UntilAsync(() => node.LogAsync(lives).Result == "one\ntwo\n");
        await TestNode.UntilAsync(() => node.Network.Calls.Count(c => c == "enable " + lives.Id) == 2);
        await node.AssignOnlyAsync(lives);
        await TestNode.UntilAsync(() => node.Executor.Containers.List().Count == 1);
        Assert.That(node.Executor.Containers.List()[0].Pid, Is.EqualTo(before.Pid));
    }

    [Test]
    public async Task A_network_that_is_not_ready_after_a_restart_does_not_fail_what_runs()
    {
        await using var node = await TestNode.StartAsync();
        var task = TestNode.Shell("sleep 1000");
        await node.AssignAsync(task);
        var before = (await node.ReachesAsync(task, TaskState.Running)).Container;

        await node.RestartAsync(() =>
        {
            node.Network.FailuresLeft = 1;
            return Task.CompletedTask;
        });
        await TestNode.UntilAsync(() => node.Network.Calls.Count(c => c == "enable " + task.Id) == 2);

        Assert.That((await node.ReachesAsync(task, TaskState.Running)).Container, Is.EqualTo(before));
    }

    [Test]
    public async Task Containers_of_unknown_tasks_are_removed_at_start()
    {
        await using var node = await TestNode.StartAsync();
        var task = TestNode.Shell("sleep 1000");
        await node.AssignAsync(task);
        var status = await node.ReachesAsync(task, TaskState.Running);

        await node.RestartAsync(() =>
        {
            File.Delete(Path.Combine(node.State, "worker/tasks.log"));
            return Task.CompletedTask;
        });

        Assert.That(node.Executor.Containers.List(), Is.Empty);
        Assert.That(Directory.Exists($"/proc/{status.Container.Pid}"), Is.False);
    }

    [Test]
    public async Task Health_decides_when_it_runs_and_when_it_fails()
    {
        await using var node = await TestNode.StartAsync();
        var task = TestNode.Shell("sleep 0.5; touch /tmp/ok; while test ! -e /tmp/bad; do sleep 0.05; done; sleep 1000", t =>
            t.Spec.Container.Healthcheck = new HealthConfig
            {
                Test = { "CMD-SHELL", "test -e /tmp/ok && test ! -e /tmp/bad" },
                Interval = Duration.FromTimeSpan(TimeSpan.FromMilliseconds(100)),
                StartPeriod = Duration.FromTimeSpan(TimeSpan.FromSeconds(30)),
                Retries = 2,
            });
        await node.AssignAsync(task);
        var status = await node.ReachesAsync(task, TaskState.Running);
        Assert.That(node.Executor.Containers.List().Single().Health, Is.EqualTo("healthy"));
        Assert.That(File.Exists($"/proc/{status.Container.Pid}/root/tmp/ok"), Is.True);

        await File.WriteAllTextAsync($"/proc/{status.Container.Pid}/root/tmp/bad", "");

        Assert.That((await node.ReachesAsync(task, TaskState.Failed)).Err, Does.EndWith(": dockerexec: unhealthy container"));
    }

    [Test]
    public async Task A_process_can_be_run_inside()
    {
        await using var node = await TestNode.StartAsync();
        var task = TestNode.Shell("sleep 1000");
        await node.AssignAsync(task);
        var id = (await node.ReachesAsync(task, TaskState.Running)).Container.ContainerId;

        await using var exec = await node.Executor.StartExecAsync(id, ["sh", "-c", "read x; echo $x $B $(hostname); exit 5"], ["B=b"], "", "", CancellationToken.None);
        await exec.Input.WriteAsync("hello\n"u8.ToArray());
        using var output = new StreamReader(exec.Output);

        Assert.That(await output.ReadToEndAsync(), Is.EqualTo($"hello b {id[..12]}\n"));
        Assert.That(await exec.WaitAsync(CancellationToken.None), Is.EqualTo(5));
    }

    [Test]
    public async Task Twenty_containers_start_and_stop_together()
    {
        await using var node = await TestNode.StartAsync();
        var tasks = Enumerable.Range(0, 20).Select(_ => TestNode.Shell("trap 'exit 0' TERM; while :; do sleep 0.1; done")).ToArray();
        var start = Stopwatch.StartNew();
        await node.AssignAsync(tasks);
        foreach (var task in tasks)
        {
            await node.ReachesAsync(task, TaskState.Running);
        }

        TestContext.Out.WriteLine($"20 running after {start.ElapsedMilliseconds} ms");
        start.Restart();
        await node.AssignOnlyAsync();
        await TestNode.UntilAsync(() => node.Executor.Containers.List().Count == 0);
        TestContext.Out.WriteLine($"20 removed after {start.ElapsedMilliseconds} ms");
    }
}
