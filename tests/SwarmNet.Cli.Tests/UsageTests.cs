using System.Text.RegularExpressions;

namespace SwarmNet.Cli.Tests;

/// <summary>What the command line refuses by itself, and its help: byte for byte as Docker's CLI.</summary>
[TestFixture]
internal sealed class UsageTests
{
    private static readonly string[] s_newFlags = ["--health-start-interval", "--oom-score-adj"];

    public static IEnumerable<Transcript> Refusals() => Transcript.Read("00-usage-errors.txt")
        .Where(step => !step.Error.StartsWith("Error response from daemon", StringComparison.Ordinal)
            && !step.Command.StartsWith("docker stack", StringComparison.Ordinal) && !step.Command.StartsWith("docker version", StringComparison.Ordinal));

    public static IEnumerable<Transcript> Helps() => Transcript.Read("00-help.txt")
        .Where(step => step.Command.EndsWith("--help", StringComparison.Ordinal) && !step.Command.StartsWith("docker stack", StringComparison.Ordinal)
            && !step.Command.StartsWith("docker volume", StringComparison.Ordinal));

    [TestCaseSource(nameof(Refusals))]
    public void Wrong_arguments_are_refused_in_Dockers_words(Transcript step)
    {
        var result = new Cli().Run(null, step.Arguments);

        Assert.Multiple(() =>
        {
            Assert.That(result.Error, Is.EqualTo(step.Error));
            Assert.That(WithoutExamples(result.Out), Is.EqualTo(step.Out));
            Assert.That(result.ExitCode, Is.EqualTo(step.ExitCode));
        });
    }

    [TestCaseSource(nameof(Helps))]
    public void Help_is_Dockers_and_adds_an_example(Transcript step)
    {
        var result = new Cli().Run(null, step.Arguments);

        Assert.That(WithoutExamples(WithoutNewFlags(result.Out)), Is.EqualTo(step.Out));
    }

    [Test]
    public void Every_command_has_help_that_names_it()
    {
        foreach (var (path, command) in Walk(SwarmCli.Root, []))
        {
            var result = new Cli("swarm").Run(null, [.. path, "--help"]);

            Assert.That(result.ExitCode, Is.Zero, string.Join(' ', path));
            Assert.That(result.Out, Does.StartWith($"Usage:  swarm {string.Join(' ', path)}").And.Contain(command.Short));
        }
    }

    [Test]
    public void Flags_are_parsed_as_pflag_does()
    {
        var flags = new CommandLine.FlagSet();
        flags.Bool("all", "a", "");
        flags.Bool("quiet", "q", "");
        flags.Add("name", "n", CommandLine.FlagKind.Text, "string", "");
        flags.Add("label", "l", CommandLine.FlagKind.List, "list", "");

        var rest = flags.Parse(["-aqn", "web", "one", "--label=a=b", "-lc", "--label", "d", "--quiet=false", "--", "-x"], interspersed: true);

        Assert.Multiple(() =>
        {
            Assert.That(rest, Is.EqualTo(new[] { "one", "-x" }));
            Assert.That(flags.IsSet("all"), Is.True);
            Assert.That(flags.IsSet("quiet"), Is.False);
            Assert.That(flags.Text("name"), Is.EqualTo("web"));
            Assert.That(flags.List("label"), Is.EqualTo(new[] { "a=b", "c", "d" }));
        });
    }

    [TestCase(new[] { "service", "create", "-dx", "busybox" }, "unknown shorthand flag: 'x' in -x")]
    [TestCase(new[] { "service", "create", "--name" }, "flag needs an argument: --name")]
    [TestCase(new[] { "node", "ls", "-f" }, "flag needs an argument: 'f' in -f")]
    [TestCase(new[] { "node", "ls", "-f", "x" }, "invalid argument \"x\" for \"-f, --filter\" flag: bad format of filter (expected name=value)")]
    [TestCase(new[] { "--frob" }, "unknown flag: --frob")]
    public void A_bad_flag_ends_with_125(string[] args, string message)
    {
        var result = new Cli().Run(null, args);

        Assert.That(result.ExitCode, Is.EqualTo(125));
        Assert.That(result.Error, Does.StartWith(message + "\n\nUsage:  docker "));
    }

    [Test]
    public void Without_a_daemon_the_message_says_how_to_start_it()
    {
        var result = new Cli("swarm").Run(null, "service", "ls");

        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Is.EqualTo(
            "Cannot connect to the swarm daemon at unix:///nonexistent/swarm.sock. Is the daemon running? It is started with: swarm daemon\n"));
    }

    [Test]
    public void Swarm_commands_work_with_and_without_the_word_swarm()
    {
        using var engine = new CannedEngine().On("POST /swarm/leave?force=1", "");

        Assert.That(new Cli("swarm").Run(engine, "leave", "--force").Out, Is.EqualTo("Node left the swarm.\n"));
        Assert.That(new Cli("docker").Run(engine, "swarm", "leave", "-f").Out, Is.EqualTo("Node left the swarm.\n"));
    }

    [Test]
    public void Completion_offers_commands_flags_and_names()
    {
        using var engine = new CannedEngine().On("GET /services", """[{"ID":"x","Spec":{"Name":"web"}},{"ID":"y","Spec":{"Name":"api"}}]""");

        Assert.Multiple(() =>
        {
            Assert.That(new Cli("swarm").Run(engine, "__complete", "--", "serv").Out, Is.EqualTo("service\n"));
            Assert.That(new Cli("swarm").Run(engine, "__complete", "--", "service", "l").Out, Is.EqualTo("logs\nls\n"));
            Assert.That(new Cli("swarm").Run(engine, "__complete", "--", "service", "ls", "--q").Out, Is.EqualTo("--quiet\n"));
            Assert.That(new Cli("swarm").Run(engine, "__complete", "--", "network", "d").Out, Is.EqualTo("disconnect\ndoctor\n"));
            Assert.That(new Cli("swarm").Run(engine, "__complete", "--", "network", "doctor", "--").Out, Is.EqualTo("--help\n--quiet\n--repair\n"));
            Assert.That(new Cli("swarm").Run(engine, "__complete", "--", "network", "doctor", "").Out, Is.Empty);
            Assert.That(new Cli("swarm").Run(engine, "__complete", "--", "service", "rm", "").Out, Is.EqualTo("api\nweb\n"));
            Assert.That(new Cli("swarm").Run(null, "completion", "bash").Out, Does.Contain("complete -o default -F _swarm_complete swarm"));
        });
    }

    private static IEnumerable<(string[] Path, CommandLine.Command Command)> Walk(CommandLine.Command parent, string[] path)
    {
        foreach (var command in parent.Commands.Where(command => !command.Hidden && !command.RawArguments))
        {
            string[] here = [.. path, command.Name];
            yield return (here, command);
            foreach (var below in Walk(command, here))
            {
                yield return below;
            }
        }
    }

    /// <summary>The recording CLI spoke API 1.41 and hid flags of later versions.</summary>
    private static string WithoutNewFlags(string help)
    {
        var lines = help.Split('\n').ToList();
        // Ours alone.
        lines.RemoveAll(line => line.StartsWith("  doctor ", StringComparison.Ordinal));
        foreach (var flag in s_newFlags)
        {
            var at = lines.FindIndex(line => line.Contains(flag, StringComparison.Ordinal));
            if (at >= 0)
            {
                lines.RemoveRange(at, 2);
            }
        }

        return string.Join('\n', lines);
    }

    private static string WithoutExamples(string help) => Regex.Replace(help, "\nExamples:\n(  .*\n)+", "");
}
