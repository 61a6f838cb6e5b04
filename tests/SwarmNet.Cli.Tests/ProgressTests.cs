namespace SwarmNet.Cli.Tests;

/// <summary>The lines that show how a service converges, on a terminal and elsewhere.</summary>
[TestFixture]
internal sealed class ProgressTests
{
    private const string TasksPath = "GET /tasks?filters=%7B%22_up-to-date%22%3A%7B%22true%22%3Atrue%7D%2C%22service%22%3A%7B%22sid%22%3Atrue%7D%7D";

    [Test]
    public void A_replicated_service_off_a_terminal()
    {
        using var engine = Engine("""{"Replicated":{"Replicas":2}}""");
        engine.On(TasksPath, "[]").On(TasksPath, $"[{Task(1, "pending")},{Task(2, "running")}]").On(TasksPath, $"[{Task(1, "running")},{Task(2, "running")}]");

        var result = new Cli(time: new SteppingTime()).Run(engine, "service", "scale", "web=2");

        Assert.That(result.Out, Is.EqualTo("""
            web scaled to 2
            overall progress: 0 out of 2 tasks
            1/2:  
            2/2:  
            overall progress: 0 out of 2 tasks
            overall progress: 1 out of 2 tasks
            overall progress: 2 out of 2 tasks
            verify: Waiting 1 seconds to verify that tasks are stable...
            verify: Service web converged

            """.Replace("\r", "", StringComparison.Ordinal)));
    }

    [Test]
    public void A_replicated_service_on_a_terminal()
    {
        using var engine = Engine("""{"Replicated":{"Replicas":1}}""");
        engine.On(TasksPath, $"[{Task(1, "pending")}]").On(TasksPath, $"[{Task(1, "running")}]");

        var result = new Cli(time: new SteppingTime(), terminal: true).Run(engine, "service", "scale", "web=1");

        const string Up1 = "\e[1A\e[2K\r", Up2 = "\e[2A\e[2K\r";
        var pending = $"1/1: pending   [{new string('=', 16)}>{new string(' ', 34)}] \r\e[1B";
        var running = $"1/1: running   [{new string('=', 50)}>] \r\e[1B";
        Assert.That(result.Out, Is.EqualTo(
            "web scaled to 1\n"
            + $"\n{Up1}overall progress: 0 out of 1 tasks \r\e[1B"
            + $"\n{Up1}1/1:   \r\e[1B"
            + $"{Up1}{pending}{Up2}overall progress: 0 out of 1 tasks \r\e[2B"
            + $"{Up1}{running}{Up2}overall progress: 1 out of 1 tasks \r\e[2B"
            + $"\n{Up1}verify: Waiting 1 seconds to verify that tasks are stable... \r\e[1B"
            + $"{Up1}verify: Service web converged \r\e[1B"));
    }

    [Test]
    public void A_failed_task_shows_its_error_and_a_paused_update_ends_with_it()
    {
        using var engine = Engine("""{"Replicated":{"Replicas":1}}""", then: """{"State":"paused","Message":"update paused due to failure of task t1"}""");
        engine.On(TasksPath, $"[{Task(1, "failed", "starting container failed: no such file")}]");

        var result = new Cli(time: new SteppingTime()).Run(engine, "service", "scale", "web=1");

        Assert.That(result.Out, Does.Contain("1/1: starting container failed: no such file\n"));
        Assert.That(result.Error, Is.EqualTo("web: service update paused: update paused due to failure of task t1\n"));
        Assert.That(result.ExitCode, Is.EqualTo(1));
    }

    [Test]
    public void A_job_is_complete_when_all_its_tasks_are()
    {
        using var engine = Engine("""{"ReplicatedJob":{"MaxConcurrent":2,"TotalCompletions":2}}""");
        engine.On(TasksPath, $"[{Task(0, "running")},{Task(1, "complete")}]").On(TasksPath, $"[{Task(0, "complete")},{Task(1, "complete")}]");

        var result = new Cli(time: new SteppingTime()).Run(engine, "service", "scale", "web=2");

        Assert.That(result.Out, Is.EqualTo(
            "web scaled to 2\nactive tasks: 0 out of 2 tasks\n1/2:  \n2/2:  \nactive tasks: 1 out of 1 tasks\nactive tasks: 0 out of 0 tasks\njob complete\n"));
    }

    [Test]
    public void Detached_and_quiet_show_nothing()
    {
        using var engine = Engine("""{"Replicated":{"Replicas":1}}""");
        engine.On(TasksPath, $"[{Task(1, "running")}]");

        Assert.That(new Cli(time: new SteppingTime()).Run(engine, "service", "scale", "-d", "web=1").Out, Is.EqualTo("web scaled to 1\n"));
        Assert.That(new Cli(time: new SteppingTime()).Run(engine, "service", "update", "--quiet", "--force", "web").Out, Is.EqualTo("web\n"));
    }

    /// <summary>A service whose update is watched for one and a half seconds of a clock that goes one second at each look.</summary>
    private static CannedEngine Engine(string mode, string? then = null)
    {
        string Service(string status) =>
            $$"""
            {"ID":"sid","Version":{"Index":7},"Spec":{"Name":"web","TaskTemplate":{"ContainerSpec":{"Image":"busybox"} },"Mode":{{mode}},
             "UpdateConfig":{"Monitor":1500000000} },"JobStatus":{"JobIteration":{"Index":3} }{{status}}}
            """;
        var engine = new CannedEngine()
            .On("GET /services/web?insertDefaults=false", Service(""))
            .On("POST /services/sid/update?version=7", "{}")
            .On("POST /services/sid/update?registryAuthFrom=spec&version=7", "{}")
            .On("GET /nodes", """[{"ID":"n1","Status":{"State":"ready"}}]""");
        if (then is not null)
        {
            engine.On("GET /services/web?insertDefaults=false", Service("")).On("GET /services/web?insertDefaults=false", Service($",\"UpdateStatus\":{then}"));
        }

        return engine;
    }

    private sealed class SteppingTime : TimeProvider
    {
        private long _seconds;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => ++_seconds;
    }

    private static string Task(int slot, string state, string error = "")
    {
        var desired = state is "complete" ? "complete" : "running";
        return $$"""
            {"ID":"t{{slot}}","Slot":{{slot}},"NodeID":"n1","DesiredState":"{{desired}}","Status":{"State":"{{state}}","Err":"{{error}}"},"JobIteration":{"Index":3} }
            """;
    }
}
