using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SwarmNet.Cli.Formatting;
using SwarmNet.Cli.Specs;
using SwarmNet.Cli.Templates;

namespace SwarmNet.Cli.Tests;

[TestFixture]
internal sealed class FormattingTests
{
    [TestCase(0.4, "Less than a second")]
    [TestCase(1, "1 second")]
    [TestCase(59, "59 seconds")]
    [TestCase(60, "About a minute")]
    [TestCase(125, "2 minutes")]
    [TestCase(3600, "About an hour")]
    [TestCase(5400, "2 hours")]
    [TestCase(86400 * 2, "2 days")]
    [TestCase(86400 * 20, "2 weeks")]
    [TestCase(86400 * 70, "2 months")]
    [TestCase(86400 * 800, "2 years")]
    public void Durations_for_people(double seconds, string text) => Assert.That(Humanize.Duration(TimeSpan.FromSeconds(seconds)), Is.EqualTo(text));

    [TestCase(25276514304, "23.54GiB")]
    [TestCase(67108864, "64MiB")]
    [TestCase(0, "0B")]
    [TestCase(1023, "1023B")]
    public void Binary_sizes(long bytes, string text) => Assert.That(Humanize.BinarySize(bytes), Is.EqualTo(text));

    [TestCase(1984212, "1.98MB")]
    [TestCase(4261550, "4.26MB")]
    [TestCase(999, "999B")]
    public void Decimal_sizes(long bytes, string text) => Assert.That(Humanize.Size(bytes, 3), Is.EqualTo(text));

    [TestCase("1h30m", 5400_000_000_000, "1h30m0s")]
    [TestCase("1.5s", 1_500_000_000, "1.5s")]
    [TestCase("200ms", 200_000_000, "200ms")]
    [TestCase("100us", 100_000, "100µs")]
    [TestCase("-2m", -120_000_000_000, "-2m0s")]
    [TestCase("0", 0, "0s")]
    [TestCase("2160h", 7776000_000_000_000, "2160h0m0s")]
    public void Go_durations(string text, long nanoseconds, string printed)
    {
        Assert.That(GoDuration.Parse(text), Is.EqualTo(nanoseconds));
        Assert.That(GoDuration.Format(nanoseconds), Is.EqualTo(printed));
    }

    [TestCase("foo", "time: invalid duration \"foo\"")]
    [TestCase("5", "time: missing unit in duration \"5\"")]
    [TestCase("5x", "time: unknown unit \"x\" in duration \"5x\"")]
    [TestCase("", "time: invalid duration \"\"")]
    public void Bad_durations(string text, string message) =>
        Assert.That(() => GoDuration.Parse(text), Throws.TypeOf<FormatException>().With.Message.EqualTo(message));

    [Test]
    public void Natural_order() =>
        Assert.That(new[] { "web.10", "web.2", "a", "web.02", "web" }.Order(NaturalOrder.Instance), Is.EqualTo(new[] { "a", "web", "web.2", "web.02", "web.10" }));

    [Test]
    public void Tables_pad_all_but_the_last_cell() =>
        Assert.That(TabWriter.Align("ID\tNAME\tX\nlonger than ten\tä\t\n"), Is.EqualTo("ID                NAME      X\nlonger than ten   ä         \n"));

    [TestCase("8080:80", """[{"Protocol":"tcp","TargetPort":80,"PublishedPort":8080,"PublishMode":"ingress"}]""")]
    [TestCase("53/udp", """[{"Protocol":"udp","TargetPort":53,"PublishMode":"ingress"}]""")]
    [TestCase("8500-8501:85-86", """[{"Protocol":"tcp","TargetPort":85,"PublishedPort":8500,"PublishMode":"ingress"},{"Protocol":"tcp","TargetPort":86,"PublishedPort":8501,"PublishMode":"ingress"}]""")]
    [TestCase("8080-8081:80", """[{"Protocol":"tcp","TargetPort":80,"PublishedPort":8080,"PublishMode":"ingress"},{"Protocol":"tcp","TargetPort":80,"PublishedPort":8081,"PublishMode":"ingress"}]""")]
    [TestCase("published=9001,target=9000,protocol=udp,mode=host", """[{"Protocol":"udp","TargetPort":9000,"PublishedPort":9001,"PublishMode":"host"}]""")]
    public void Ports(string text, string expected) =>
        Assert.That(JsonNode.DeepEquals(new JsonArray([.. PortParser.Parse(text)]), JsonNode.Parse(expected)), Is.True);

    [TestCase("127.0.0.1:80:80", "hostip is not supported")]
    [TestCase("80:x", "invalid containerPort: x")]
    [TestCase("x:80", "invalid hostPort: x")]
    [TestCase("80/frob", "invalid proto: frob")]
    [TestCase("8000-8002:80-81", "invalid ranges specified for container and host Ports: 80-81 and 8000-8002")]
    [TestCase("target=80,frob=1", "invalid field key: frob")]
    [TestCase("target=80,mode=frob", "invalid publish mode value (frob): must be either 'ingress' or 'host'")]
    [TestCase("published=80", "missing mandatory field 'target'")]
    [TestCase("target=x", "invalid target port (x): value must be an integer: invalid syntax")]
    public void Bad_ports(string text, string message) =>
        Assert.That(() => PortParser.Parse(text), Throws.TypeOf<FormatException>().With.Message.EqualTo(message));

    [TestCase("type=bind,source=/a,target=/b,bind-propagation=rslave,readonly", """{"Type":"bind","Source":"/a","Target":"/b","ReadOnly":true,"BindOptions":{"Propagation":"rslave"}}""")]
    [TestCase("target=/v,volume-nocopy,volume-opt=o=1,volume-driver=d", """{"Type":"volume","Target":"/v","VolumeOptions":{"NoCopy":true,"DriverConfig":{"Name":"d","Options":{"o":"1"}}}}""")]
    [TestCase("type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=1770", """{"Type":"tmpfs","Target":"/t","TmpfsOptions":{"SizeBytes":1048576,"Mode":1016}}""")]
    [TestCase("type=volume,source=v,\"target=/a,b\"", """{"Type":"volume","Source":"v","Target":"/a,b"}""")]
    public void Mounts(string text, string expected)
    {
        var mount = MountParser.Parse(text);
        Assert.That(JsonNode.DeepEquals(mount, JsonNode.Parse(expected)), Is.True, mount.ToJsonString());
    }

    [TestCase("type=bind,target=/b,volume-nocopy", "cannot mix 'volume-*' options with mount type 'bind'")]
    [TestCase("type=bind,target=/b,readonly=x", "invalid value for readonly: x")]
    [TestCase("type=bind,target=/b,frob=x", "unexpected key 'frob' in 'frob=x'")]
    [TestCase("type=bind,target=/b,bind-recursive=writable", "option 'bind-recursive=writable' requires 'readonly' to be specified in conjunction")]
    public void Bad_mounts(string text, string message) =>
        Assert.That(() => MountParser.Parse(text), Throws.TypeOf<FormatException>().With.Message.EqualTo(message));

    [TestCase("sh -c \"exit 3\"", new[] { "sh", "-c", "exit 3" })]
    [TestCase("a 'b c' d\\ e \"\"", new[] { "a", "b c", "d e", "" })]
    [TestCase("", new string[0])]
    public void Shell_words(string text, string[] words) => Assert.That(ShellWords.Split(text), Is.EqualTo(words));

    [TestCase("{{.A}}{{- \" x\" -}} y", "1 xy")]
    [TestCase("{{/* comment */}}{{.B.C}}", "text")]
    [TestCase("{{$v := .B.C}}{{$v | printf \"%q %5s|\" $v}}", "\"text\"  text|")]
    [TestCase("{{range .L}}{{if eq . \"b\"}}{{continue}}{{end}}{{.}},{{else}}none{{end}}", "a,c,")]
    [TestCase("{{range .None}}x{{else}}none{{end}}", "none")]
    [TestCase("{{if and .A (gt .A 0)}}pos{{else if eq .A 0}}zero{{else}}neg{{end}}", "pos")]
    [TestCase("{{json .B}} {{json .L}} {{.Labels}} {{.L}} {{.B}}", "{\"C\":\"text\"} [\"a\",\"b\",\"c\"] map[k:v] [a b c] {text}")]
    [TestCase("{{index .Labels \"k\"}} {{index .L 1}} {{slice \"abcdef\" 1 3}} {{split \"a:b\" \":\" | len}}", "v b bc 2")]
    [TestCase("{{with $x := .B}}{{$x.C}}{{$.A}}{{end}}", "text1")]
    public void Templates(string format, string expected) => Assert.That(Render(format), Is.EqualTo(expected));

    [TestCase("{{", "template: :1: unclosed action")]
    [TestCase("{{.A}", "template: :1: unclosed action")]
    [TestCase("{{frob .A}}", "template: :1: function \"frob\" not defined")]
    [TestCase("{{if .A}}", "template: :1: unexpected EOF")]
    [TestCase("{{end}}", "template: :1: unexpected {{end}}")]
    [TestCase("x {{.Frob}}", "template: :1:4: executing \"\" at <.Frob>: can't evaluate field Frob in type test.T")]
    public void Bad_templates(string format, string message) =>
        Assert.That(() => Render(format), Throws.TypeOf<TemplateException>().With.Message.EqualTo(message));

    [Test]
    public void Random_templates_are_refused_and_never_crash()
    {
        var seed = TestSeed.Next();
        var random = new Random(seed);
        string[] parts = ["{{", "}}", ".A", " ", "|", "range", "end", "if", "else", "(", ")", "$x", ":=", "\"s\"", "json", "-", "text", "/*", "*/", "index", "1", "'", "`"];
        for (var i = 0; i < 5000; i++)
        {
            var format = string.Concat(Enumerable.Range(0, random.Next(1, 12)).Select(_ => parts[random.Next(parts.Length)]));
            try
            {
                Render(format);
            }
            catch (TemplateException)
            {
                // Refused, as it should be.
            }
            catch (Exception error)
            {
                Assert.Fail($"seed {seed}: {format}: {error}");
            }
        }
    }

    private static string Render(string format)
    {
        var json = JsonDocument.Parse("""{"A":1,"B":{"C":"text"},"L":["a","b","c"],"Labels":{"k":"v"}}""").RootElement;
        var text = new StringBuilder();
        Template.Parse(format).Execute(new JsonField("", json, IsRoot: true) { Type = new GoType("test.T", "A", "B", "L", "Labels", "None") }, text);
        return text.ToString();
    }
}
