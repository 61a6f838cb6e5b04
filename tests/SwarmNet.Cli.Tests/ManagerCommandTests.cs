namespace SwarmNet.Cli.Tests;

/// <summary>What the commands around managers print, in Docker's words.</summary>
[TestFixture]
internal sealed class ManagerCommandTests
{
    [TestCase("true", "This node joined a swarm as a manager.\n")]
    [TestCase("false", "This node joined a swarm as a worker.\n")]
    public void Joining_tells_the_role_that_the_token_gave(string controlAvailable, string expected)
    {
        using var engine = new CannedEngine().On("POST /swarm/join", "").On("GET /info", $$"""{"Swarm":{"ControlAvailable":{{controlAvailable}} } }""");
        var result = new Cli().Run(engine, "swarm", "join", "--token", "SWMTKN-1-x-y", "10.200.0.1:2377");
        Assert.That((result.ExitCode, result.Out, result.Error), Is.EqualTo((0, expected, "")));
    }

    [Test]
    public void The_token_of_managers_comes_with_the_address_of_the_manager_that_was_asked()
    {
        using var engine = new CannedEngine()
            .On("GET /swarm", """{"ID":"c","Version":{"Index":7},"Spec":{},"JoinTokens":{"Worker":"SWMTKN-1-d-w","Manager":"SWMTKN-1-d-m"}}""")
            .On("GET /info", """{"Swarm":{"NodeID":"n2"}}""")
            .On("GET /nodes/n2", """{"ID":"n2","ManagerStatus":{"Reachability":"reachable","Addr":"10.200.0.2:2377"}}""");
        var result = new Cli().Run(engine, "swarm", "join-token", "manager");
        Assert.That((result.ExitCode, result.Out, result.Error), Is.EqualTo((0, """
            To add a manager to this swarm, run the following command:

                docker swarm join --token SWMTKN-1-d-m 10.200.0.2:2377


            """, "")));
    }

    [Test]
    public void Roles_change_one_node_after_the_other_until_one_is_refused()
    {
        const string Refusal = "rpc error: code = FailedPrecondition desc = can't remove member from the raft: this would result in a loss of quorum";
        using var engine = new CannedEngine()
            .On("GET /nodes/a", """{"ID":"ida","Version":{"Index":3},"Spec":{"Role":"manager"}}""")
            .On("GET /nodes/b", """{"ID":"idb","Version":{"Index":4},"Spec":{"Role":"worker"}}""")
            .On("GET /nodes/c", """{"ID":"idc","Version":{"Index":5},"Spec":{"Role":"manager"}}""")
            .On("POST /nodes/ida/update?version=3", "")
            .On("POST /nodes/idc/update?version=5", $$"""{"message":"{{Refusal}}"}""", 400);
        var result = new Cli().Run(engine, "node", "demote", "a", "b", "c");
        Assert.That(
            (result.ExitCode, result.Out, result.Error),
            Is.EqualTo((1, "Manager a demoted in the swarm.\nNode idb is already a worker.\n", $"Error response from daemon: {Refusal}\n")));
    }

    [Test]
    public void A_node_that_was_written_to_in_between_is_read_again()
    {
        const string OutOfSequence = """{"message":"rpc error: code = Unknown desc = update out of sequence"}""";
        using var engine = new CannedEngine()
            .On("GET /nodes/a", """{"ID":"ida","Version":{"Index":3},"Spec":{"Role":"worker"}}""")
            .On("GET /nodes/a", """{"ID":"ida","Version":{"Index":4},"Spec":{"Role":"worker","Labels":{"x":"y"}}}""")
            .On("POST /nodes/ida/update?version=3", OutOfSequence, 500)
            .On("POST /nodes/ida/update?version=4", "");
        var result = new Cli().Run(engine, "node", "promote", "a");
        Assert.That((result.ExitCode, result.Out, result.Error), Is.EqualTo((0, "Node a promoted to a manager in the swarm.\n", "")));
        Assert.That(engine.Requests[^1].Body, Is.EqualTo("""{"Role":"manager","Labels":{"x":"y"}}"""));

        using var busy = new CannedEngine()
            .On("GET /nodes/a", """{"ID":"ida","Version":{"Index":3},"Spec":{"Role":"worker"}}""")
            .On("POST /nodes/ida/update?version=3", OutOfSequence, 500);
        Assert.That(new Cli().Run(busy, "node", "promote", "a").Error, Is.EqualTo("Error response from daemon: rpc error: code = Unknown desc = update out of sequence\n"));
        Assert.That(busy.Requests.Count(request => request.Method == "POST"), Is.EqualTo(5), "not for ever");
    }

    [Test]
    public void Warnings_of_the_engine_go_to_standard_error()
    {
        using var engine = new CannedEngine().On("GET /info", """{"Warnings":["WARNING: one\n         two"],"Swarm":{"LocalNodeState":"inactive"}}""");
        var result = new Cli().Run(engine, "info");
        Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "WARNING: one\n         two\n")));
    }
}
