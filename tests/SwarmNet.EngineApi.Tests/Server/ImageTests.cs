using System.Formats.Tar;
using System.Net.Http.Headers;
using System.Text.Json;
using SwarmNet.Agent.Images;
using SwarmNet.EngineApi.Runtime;
using SwarmNet.EngineApi.Tests.Support;

namespace SwarmNet.EngineApi.Tests.Server;

/// <summary>The image routes over a real image store in a temporary folder.</summary>
[TestFixture]
[Category("Kernel")]
internal sealed class ImageTests
{
    private DirectoryInfo folder = null!;
    private ImageStore store = null!;

    [SetUp]
    public void MakeStore()
    {
        folder = Directory.CreateTempSubdirectory("swarmnet-api-images-");
        store = new ImageStore(folder.FullName);
    }

    [TearDown]
    public void RemoveStore()
    {
        (store as IDisposable)?.Dispose();
        folder.Delete(recursive: true);
    }

    [Test]
    public async Task An_image_lives_from_import_to_remove()
    {
        await using var engine = await TestEngine.StartAsync(null, options => options with { Images = store });
        var id = await ImportAsync(engine, "fromSrc=-&repo=made&tag=1&changes=" + Uri.EscapeDataString("CMD [\"/hello\"]"));
        Assert.That(id, Does.Match("^sha256:[0-9a-f]{64}$"));

        var shown = JsonDocument.Parse((await engine.SendAsync("GET", "/v1.47/images/made:1/json")).Body).RootElement;
        Assert.That(shown.GetProperty("Id").GetString(), Is.EqualTo(id));
        Assert.That(shown.GetProperty("Config").GetProperty("Cmd")[0].GetString(), Is.EqualTo("/hello"));
        Assert.That((await engine.SendAsync("POST", "/v1.47/images/made:1/tag?repo=host:5000/other/name&tag=2")).Status, Is.EqualTo(201));

        var listed = JsonDocument.Parse((await engine.SendAsync("GET", "/v1.47/images/json")).Body).RootElement.EnumerateArray().Single();
        Assert.That(
            listed.GetProperty("RepoTags").EnumerateArray().Select(tag => tag.GetString()), Is.EquivalentTo(new[] { "made:1", "host:5000/other/name:2" }));
        Assert.That(JsonDocument.Parse((await engine.SendAsync("GET", "/v1.47/info")).Body).RootElement.GetProperty("Images").GetInt32(), Is.EqualTo(1));

        Assert.That((await engine.SendAsync("DELETE", "/v1.47/images/made:1")).Body, Is.EqualTo("[{\"Untagged\":\"made:1\"}]\n"));
        Assert.That((await engine.SendAsync("DELETE", "/v1.47/images/host:5000/other/name:2")).Status, Is.EqualTo(200));
        Assert.That((await engine.SendAsync("GET", "/v1.47/images/json")).Body, Is.EqualTo("[]\n"));
    }

    [TestCase("{\"reference\":[\"made\"]}", 1)]
    [TestCase("{\"reference\":[\"ma*:1\"]}", 1)]
    [TestCase("{\"reference\":[\"other\"]}", 0)]
    [TestCase("{\"dangling\":[\"true\"]}", 0)]
    public async Task The_list_is_filtered(string filters, int count)
    {
        await using var engine = await TestEngine.StartAsync(null, options => options with { Images = store });
        await ImportAsync(engine, "fromSrc=-&repo=made:1");
        var body = (await engine.SendAsync("GET", "/v1.47/images/json?filters=" + Uri.EscapeDataString(filters))).Body;
        Assert.That(JsonDocument.Parse(body).RootElement.GetArrayLength(), Is.EqualTo(count));
    }

    [Test]
    public async Task An_image_in_use_is_not_removed()
    {
        await using var engine = await TestEngine.StartAsync(null, options => options with { Images = store });
        var id = await ImportAsync(engine, "fromSrc=-&repo=made&tag=1");
        var user = new ContainerInfo { Id = new string('d', 64), Name = "a.1.b", Image = "made:1", ImageId = id, State = ContainerState.Running };
        await using var busy = await TestEngine.StartAsync(null, options => options with { Images = store, Containers = new FakeContainers(user) });
        var (status, body, _) = await busy.SendAsync("DELETE", "/v1.47/images/made:1?force=1");
        Assert.That(status, Is.EqualTo(409), body);
        Assert.That(body, Does.Contain("container dddddddddddd is using its referenced image"));
    }

    [TestCase("GET", "/v1.47/images/nope/json", 404)]
    [TestCase("DELETE", "/v1.47/images/nope", 404)]
    [TestCase("POST", "/v1.47/images/nope/tag?repo=a", 404)]
    [TestCase("POST", "/v1.47/images/create?fromImage=busybox", 501)]
    public async Task What_is_not_there_is_said(string method, string path, int status)
    {
        await using var engine = await TestEngine.StartAsync(null, options => options with { Images = store });
        Assert.That((await engine.SendAsync(method, path)).Status, Is.EqualTo(status));
    }

    [Test]
    public async Task What_is_no_archive_is_refused()
    {
        await using var engine = await TestEngine.StartAsync(null, options => options with { Images = store });
        Assert.That((await engine.SendAsync("POST", "/v1.47/images/load", "frob", "application/x-tar")).Status, Is.EqualTo(400));
    }

    [Test]
    [Category("Peers")]
    public async Task The_stock_command_imports_lists_and_removes()
    {
        await using var engine = await TestEngine.StartAsync(null, options => options with { Images = store });
        var archive = Path.Combine(folder.FullName, "root.tar");
        await File.WriteAllBytesAsync(archive, Archive());
        Assert.That(await DockerCommand.RunAsync(engine, null, "import", archive, "made:1"), Does.StartWith("sha256:"));
        Assert.That(await DockerCommand.RunAsync(engine, null, "images"), Does.Contain("made"));
        Assert.That(await DockerCommand.RunAsync(engine, null, "rmi", "made:1"), Does.Contain("Untagged: made:1"));
    }

    private static async Task<string> ImportAsync(TestEngine engine, string query)
    {
        using var content = new ByteArrayContent(Archive());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-tar");
        using var answer = await engine.Http.PostAsync("http://docker/v1.47/images/create?" + query, content);
        var body = await answer.Content.ReadAsStringAsync();
        Assert.That((int)answer.StatusCode, Is.EqualTo(200), body);
        return JsonDocument.Parse(body).RootElement.GetProperty("status").GetString()!;
    }

    private static byte[] Archive()
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, leaveOpen: true))
        {
            tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "hello") { DataStream = new MemoryStream("hi"u8.ToArray()) });
        }

        return bytes.ToArray();
    }
}
