using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.Grpc;
using SwarmNet.Protocol;
using SwarmTask = SwarmNet.Protocol.Task;

namespace SwarmNet.Protocol.Tests;

/// <summary>Field numbers and types, written out as bytes by hand: a change here breaks stock agents and stored state.</summary>
public sealed class WireTests
{
    private static IEnumerable<TestCaseData> Messages()
    {
        yield return Case("a task", "0A0174" + "22017" + "3" + "2803" + "32016E" + "4A0310" + "8004" + "508005",
            new SwarmTask { Id = "t", ServiceId = "s", Slot = 3, NodeId = "n", Status = new TaskStatus { State = TaskState.Running }, DesiredState = TaskState.Shutdown });
        yield return Case("a status of a container", "10C004" + "22" + "0178" + "2A05" + "0A0163" + "1801",
            new TaskStatus { State = TaskState.Complete, Err = "x", Container = new ContainerStatus { ContainerId = "c", ExitCode = 1 } });
        yield return Case("zero replicas", "1A00", new ServiceSpec { Replicated = new ReplicatedService() });
        yield return Case("a global job", "5A00", new ServiceSpec { GlobalJob = new GlobalJob() });
        yield return Case("a published port", "1001" + "1850" + "20A01F" + "2801",
            new PortConfig { Protocol = PortProtocol.Udp, TargetPort = 80, PublishedPort = 4000, PublishMode = PublishMode.Host });
        yield return Case("a gossip key", "0A0167" + "1A0101" + "2007",
            new EncryptionKey { Subsystem = "g", Key = ByteString.CopyFrom(1), LamportTime = 7 });
        yield return Case("a join", "12" + "0152" + "1A0154" + "2002",
            new IssueNodeCertificateRequest { Csr = ByteString.CopyFromUtf8("R"), Token = "T", Availability = NodeAvailability.Drain });
        yield return Case("a heartbeat's answer", "0A0208" + "05", new HeartbeatResponse { Period = Duration.FromTimeSpan(TimeSpan.FromSeconds(5)) });
        yield return Case("status updates are field 3", "0A0173" + "1A03" + "0A0174",
            new UpdateTaskStatusRequest { SessionId = "s", Updates = { new UpdateTaskStatusRequest.Types.TaskStatusUpdate { TaskId = "t" } } });
        yield return Case("a removed secret", "0801" + "12" + "0161" + "1A0162" + "2209" + "0A05" + "1203" + "0A0173" + "1001",
            new AssignmentsMessage
            {
                Type = AssignmentsMessage.Types.Type.Incremental,
                AppliesTo = "a",
                ResultsIn = "b",
                Changes =
                {
                    new AssignmentChange
                    {
                        Assignment = new Assignment { Secret = new Secret { Id = "s" } },
                        Action = AssignmentChange.Types.AssignmentAction.Remove,
                    },
                },
            });
        yield return Case("a config in the log is target 10", "0809" + "1207" + "0801" + "52" + "030A0163",
            new InternalRaftRequest
            {
                Id = 9,
                Action = { new StoreAction { Action = StoreAction.Types.Kind.Create, Config = new Config { Id = "c" } } },
            });
        yield return Case("log streams are not packed", "0801" + "0802" + "1001",
            new LogSubscriptionOptions { Streams = { LogStream.Stdout, LogStream.Stderr }, Follow = true });
    }

    [TestCaseSource(nameof(Messages))]
    public void A_message_has_SwarmKits_bytes(string hex, IMessage message)
    {
        Assert.That(Convert.ToHexString(message.ToByteArray()), Is.EqualTo(hex));
        Assert.That(message.Descriptor.Parser.ParseFrom(Convert.FromHexString(hex)), Is.EqualTo(message));
    }

    [Test]
    public void Unknown_fields_of_newer_peers_survive()
    {
        var bytes = Convert.FromHexString("0A0174" + "FA0F" + "0161");
        Assert.That(SwarmTask.Parser.ParseFrom(bytes).ToByteArray(), Is.EqualTo(bytes));
    }

    [Test]
    public void States_order_the_life_of_a_task()
    {
        int[] expected = [0, 64, 192, 256, 320, 384, 448, 512, 576, 640, 704, 768, 800, 832];
        Assert.That(System.Enum.GetValues<TaskState>().Select(state => (int)state), Is.EqualTo(expected));
    }

    [Test]
    public void Methods_have_SwarmKits_names_kinds_and_roles()
    {
        Assert.That(SwarmKitMethods.Session.Path, Is.EqualTo("/docker.swarmkit.v1.Dispatcher/Session"));
        Assert.That(SwarmKitMethods.Session.Kind, Is.EqualTo(MethodKind.ServerStreaming));
        Assert.That(SwarmKitMethods.IssueNodeCertificate.Path, Is.EqualTo("/docker.swarmkit.v1.NodeCA/IssueNodeCertificate"));
        Assert.That(SwarmKitMethods.PublishLogs.Kind, Is.EqualTo(MethodKind.ClientStreaming));
        Assert.That(SwarmKitMethods.GetUnlockKey.Roles, Is.EqualTo(new[] { "swarm-manager" }));
        Assert.That(SwarmKitMethods.Heartbeat.Roles, Is.EquivalentTo(new[] { "swarm-worker", "swarm-manager" }));
    }

    private static TestCaseData Case(string name, string hex, IMessage message) => new TestCaseData(hex, message).SetArgDisplayNames(name);
}
