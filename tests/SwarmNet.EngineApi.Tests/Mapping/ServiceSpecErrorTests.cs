using System.Text;
using SwarmNet.EngineApi.Json;
using SwarmNet.EngineApi.Mapping;

namespace SwarmNet.EngineApi.Tests.Mapping;

[TestFixture]
internal sealed class ServiceSpecErrorTests
{
    private const string Container = "\"TaskTemplate\":{\"ContainerSpec\":{\"Image\":\"a\"}}";

    [TestCase("{" + Container + ",\"Mode\":{\"Global\":{},\"Replicated\":{}}}", "must specify only one service mode")]
    [TestCase("{" + Container + ",\"UpdateConfig\":{\"Order\":\"x\"}}", "unrecognized update order x")]
    [TestCase("{" + Container + ",\"EndpointSpec\":{\"Mode\":\"x\"}}", "invalid resolution mode: \"x\"")]
    [TestCase("{" + Container + ",\"EndpointSpec\":{\"Ports\":[{\"Protocol\":\"x\"}]}}", "invalid protocol: \"x\"")]
    [TestCase("{\"TaskTemplate\":{\"ContainerSpec\":{},\"Resources\":{\"SwapBytes\":1}}}", "memory swap provided, but no memory-limit was set")]
    [TestCase("{\"TaskTemplate\":{\"ContainerSpec\":{\"Configs\":[{}]}}}", "invalid Config: either File or Runtime should be set")]
    [TestCase("{\"TaskTemplate\":{\"ContainerSpec\":{\"Mounts\":[{\"Type\":\"x\"}]}}}", "invalid MountType: \"x\"")]
    [TestCase("{\"TaskTemplate\":{\"ContainerSpec\":{\"Mounts\":[{\"Type\":\"1\"}]}}}", "invalid MountType: \"1\"")]
    [TestCase(
        "{\"TaskTemplate\":{\"ContainerSpec\":{\"Mounts\":[{\"Type\":\"bind\",\"BindOptions\":{\"Propagation\":\"x\"}}]}}}",
        "invalid MountPropagation: \"x\"")]
    [TestCase(
        "{\"TaskTemplate\":{\"ContainerSpec\":{\"Privileges\":{\"CredentialSpec\":{\"File\":\"a\",\"Registry\":\"b\"}}}}}",
        "invalid CredentialSpec: cannot specify more than one of config, file, and registry")]
    [TestCase("{\"TaskTemplate\":{\"Runtime\":\"plugin\"}}", "invalid Runtime: \"plugin\"")]
    [TestCase("{}", "mismatched Runtime and *Spec fields")]
    public void Refuses(string body, string message) => Assert.That(
        () => ServiceSpecJson.Read(GoObject.Parse(Encoding.UTF8.GetBytes(body), "ServiceSpec")),
        Throws.InstanceOf<ConversionException>().With.Message.EqualTo(message));

    [Test]
    public void Replicas_are_one_when_nothing_is_said() => Assert.That(
        ServiceSpecJson.Read(GoObject.Parse(Encoding.UTF8.GetBytes("{" + Container + "}"), "ServiceSpec")).Replicated.Replicas, Is.EqualTo(1));

    [Test]
    public void Tmpfs_options_survive_the_single_string_of_the_wire()
    {
        const string body = "{\"Type\":\"tmpfs\",\"Target\":\"/t\",\"TmpfsOptions\":{\"Options\":[[\"noexec\"],[\"uid\",\"5\"]]}}";
        var mount = MountJson.Read(GoObject.Parse(Encoding.UTF8.GetBytes(body), "Mount"));
        Assert.That(mount.TmpfsOptions.Options, Is.EqualTo("noexec,uid=5"));
        Assert.That(Support.GoldenFile.Write(json => MountJson.Write(json, mount)), Is.EqualTo(body));
    }
}
