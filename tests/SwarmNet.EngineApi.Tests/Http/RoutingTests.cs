using SwarmNet.EngineApi.Http;
using SwarmNet.EngineApi.Runtime;

namespace SwarmNet.EngineApi.Tests.Http;

[TestFixture]
internal sealed class RoutingTests
{
    [TestCase("/images/{name*}/json", "/images/a/json", "a")]
    [TestCase("/images/{name*}/json", "/images/host:5000/a/b:1/json", "host:5000/a/b:1")]
    [TestCase("/images/{name*}/json", "/images/json", null)]
    [TestCase("/nodes/{name}", "/nodes/x", "x")]
    [TestCase("/nodes/{name}", "/nodes/x/update", null)]
    [TestCase("/nodes/{name}", "/nodes", null)]
    public void A_path_matches_its_pattern(string pattern, string path, string? name)
    {
        var route = new ApiRoute("GET", pattern, _ => Task.CompletedTask);
        var isMatch = route.TryMatch("GET", path.Split('/', StringSplitOptions.RemoveEmptyEntries), out var values);
        Assert.That(isMatch ? values["name"] : null, Is.EqualTo(name));
        Assert.That(route.TryMatch("POST", path.Split('/', StringSplitOptions.RemoveEmptyEntries), out _), Is.False);
    }

    [TestCase("v1.47", true)]
    [TestCase("v1.4x", false)]
    [TestCase("v1", false)]
    [TestCase("volumes", false)]
    [TestCase("v1.99999999999", false)]
    public void Versions_are_told_from_other_segments(string segment, bool isVersion) =>
        Assert.That(ApiVersion.TryParseSegment(segment, out _), Is.EqualTo(isVersion));

    [TestCase("{\"name\":[\"a\",\"b\"]}")]
    [TestCase("{\"name\":{\"a\":true,\"b\":true}}")]
    public void Filters_come_in_two_forms(string text) => Assert.That(ApiFilters.Parse(text).Values("name"), Is.EqualTo(new[] { "a", "b" }));

    [TestCase("[]")]
    [TestCase("{\"name\":1}")]
    [TestCase("{\"name\":[1]}")]
    [TestCase("{\"name\":[\"\\ud800\"]}")]
    public void Filters_of_another_shape_are_refused(string text) =>
        Assert.That(() => ApiFilters.Parse(text), Throws.InstanceOf<ApiException>().With.Property(nameof(ApiException.Status)).EqualTo(400));

    [TestCase(0, "Less than a second")]
    [TestCase(1, "1 second")]
    [TestCase(59, "59 seconds")]
    [TestCase(60, "About a minute")]
    [TestCase(180, "3 minutes")]
    [TestCase(3600, "About an hour")]
    [TestCase(7200, "2 hours")]
    [TestCase(172800, "2 days")]
    [TestCase(1814400, "3 weeks")]
    public void Durations_read_as_in_docker_ps(int seconds, string text) =>
        Assert.That(ContainerStatusText.Human(TimeSpan.FromSeconds(seconds)), Is.EqualTo(text));
}
