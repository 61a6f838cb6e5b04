using System.Net;
using SwarmNet.Agent.Network;
using SwarmNet.Agent.Tasks;
using SwarmNet.Overlay.Balancing;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Tests.Network;

public sealed class EndpointPolicyTests
{
    [Test]
    public void Labels_of_the_service_say_how_it_is_balanced()
    {
        var policy = EndpointPolicy.Of(Task(
            ("swarmnet.affinity", "client-ip"), ("swarmnet.affinity.timeout", "30m"), ("swarmnet.weight", "5"), ("swarmnet.timeout.tcp", "2h"), ("swarmnet.timeout.udp", "90s")));
        Assert.That(policy, Is.EqualTo(new EndpointPolicy
        {
            Weight = 5,
            Affinity = new ClientAffinity { Timeout = TimeSpan.FromMinutes(30) },
            Timeouts = new FlowTimeouts { TcpEstablished = TimeSpan.FromHours(2), Udp = TimeSpan.FromSeconds(90) },
        }));
    }

    [Test]
    public void Without_labels_it_is_as_ever() => Assert.That(EndpointPolicy.Of(Task()), Is.EqualTo(EndpointPolicy.Stock));

    [Test]
    public void A_label_of_the_container_wins()
    {
        var task = Task(("swarmnet.weight", "5"));
        task.Spec.Container.Labels["swarmnet.weight"] = "0";
        Assert.That(EndpointPolicy.Of(task).Weight, Is.Zero);
    }

    [TestCase("swarmnet.affinity", "sticky", "label swarmnet.affinity=sticky is not known: it must be \"client-ip\" or \"none\"")]
    [TestCase("swarmnet.weight", "257", "label swarmnet.weight=257 must be a whole number from 0 to 256")]
    [TestCase("swarmnet.weight", "-1", "label swarmnet.weight=-1 must be a whole number from 0 to 256")]
    [TestCase("swarmnet.timeout.tcp", "soon", "label swarmnet.timeout.tcp=soon must be a time such as 90s, 30m or 2h")]
    [TestCase("swarmnet.timeout.udp", "0s", "label swarmnet.timeout.udp=0s must be a time such as 90s, 30m or 2h")]
    public void A_label_that_makes_no_sense_is_refused(string name, string value, string message) =>
        Assert.That(() => EndpointPolicy.Of(Task((name, value))), Throws.TypeOf<TaskException>().With.Message.EqualTo(message));

    [Test]
    public void A_policy_travels_with_its_endpoint([Values(0, 1, 7)] int weight, [Values] bool sticky)
    {
        var endpoint = new NetworkEndpoint("key", "web.1.x", "web", "service1", null, IPAddress.Parse("10.0.1.5"), [], [], [], IsDisabled: false)
        {
            Policy = new EndpointPolicy
            {
                ShowsSource = sticky,
                Weight = weight,
                Affinity = sticky ? new ClientAffinity { Timeout = TimeSpan.FromSeconds(30) } : null,
                Timeouts = sticky ? null : new FlowTimeouts { TcpEstablished = TimeSpan.FromHours(1) },
            },
        };
        Assert.That(EndpointRecords.ParseEndpoint("key", EndpointRecords.ToBytes(endpoint))!.Policy, Is.EqualTo(endpoint.Policy));
    }

    private static SwarmTask Task(params (string Name, string Value)[] labels)
    {
        var task = new SwarmTask { ServiceAnnotations = new Annotations(), Spec = new TaskSpec { Container = new ContainerSpec() } };
        foreach (var (name, value) in labels)
        {
            task.ServiceAnnotations.Labels[name] = value;
        }

        return task;
    }
}
