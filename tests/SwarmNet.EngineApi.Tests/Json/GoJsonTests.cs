using System.Text;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.EngineApi.Json;
using SwarmNet.EngineApi.Tests.Support;

namespace SwarmNet.EngineApi.Tests.Json;

[TestFixture]
internal sealed class GoJsonTests
{
    [TestCase("{frob", "invalid character 'f' looking for beginning of object key string")]
    [TestCase("frob", "invalid character 'r' in literal false (expecting 'a')")]
    [TestCase("{\"a\" 1}", "invalid character '1' after object key")]
    [TestCase("{\"a\":1 \"b\"}", "invalid character '\"' after object key:value pair")]
    [TestCase("[1 2]", "invalid character '2' after array element")]
    [TestCase("{} x", "invalid character 'x' after top-level value")]
    [TestCase("\"a\nb\"", "invalid character '\\n' in string literal")]
    [TestCase("\"\\q\"", "invalid character 'q' in string escape code")]
    [TestCase("\"\\u12x4\"", "invalid character 'x' in \\u hexadecimal character escape")]
    [TestCase("-a", "invalid character 'a' in numeric literal")]
    [TestCase("1.x", "invalid character 'x' after decimal point in numeric literal")]
    [TestCase("1ex", "invalid character 'x' in exponent of numeric literal")]
    [TestCase("%", "invalid character '%' looking for beginning of value")]
    [TestCase("{\"a\":", "unexpected end of JSON input")]
    [TestCase("\"abc", "unexpected end of JSON input")]
    [TestCase("tru", "unexpected end of JSON input")]
    public void Syntax_errors_are_worded_as_in_Go(string text, string message) =>
        Assert.That(GoJsonSyntax.Check(Encoding.UTF8.GetBytes(text)), Is.EqualTo(message));

    [TestCase("{}")]
    [TestCase(" [1,-0.5e+3,\"\\u00e9\\n\",true,false,null,{\"a\":[]}] ")]
    public void Right_text_passes(string text) => Assert.That(GoJsonSyntax.Check(Encoding.UTF8.GetBytes(text)), Is.Null);

    [Test]
    public void Deep_nesting_is_refused_and_does_not_overflow() =>
        Assert.That(GoJsonSyntax.Check(Encoding.UTF8.GetBytes(new string('[', 100_000))), Is.EqualTo("exceeded max depth"));

    [Test]
    public void Random_bytes_never_throw_and_agree_with_the_framework()
    {
        var seed = TestSeed.Next();
        var random = new Random(seed);
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(1, 12)];
            for (var i = 0; i < bytes.Length; i++)
            {
                bytes[i] = (byte)"{}[]\",:0123456789.eE+-truefalsnn\\ \n\t/"[random.Next(37)];
            }

            var isRight = true;
            try
            {
                using var document = System.Text.Json.JsonDocument.Parse(bytes);
            }
            catch (System.Text.Json.JsonException)
            {
                isRight = false;
            }

            Assert.That(GoJsonSyntax.Check(bytes) is null, Is.EqualTo(isRight), () => $"seed {seed}: {Encoding.ASCII.GetString(bytes)}");
        }
    }

    [TestCase("{\"Name\":5}", "json: cannot unmarshal number into Go struct field ServiceSpec.Name of type string")]
    [TestCase("{\"name\":{}}", "json: cannot unmarshal object into Go struct field ServiceSpec.Name of type string")]
    [TestCase("[]", "json: cannot unmarshal array into Go value of type ServiceSpec")]
    [TestCase("{\"Name\":\"\\ud800\"}", "invalid UTF-8 in string")]
    [TestCase("", "got EOF while reading request body")]
    [TestCase("{", "unexpected EOF")]
    public void A_wrong_type_is_refused_with_the_field_named(string text, string message) => Assert.That(
        () => GoObject.Parse(Encoding.UTF8.GetBytes(text), "ServiceSpec").String("Name"),
        Throws.InstanceOf<GoJsonException>().With.Message.EqualTo(message));

    [Test]
    public void A_number_out_of_range_is_quoted() => Assert.That(
        () => GoObject.Parse("{\"Mode\":{\"Replicas\":-1}}"u8.ToArray(), "ServiceSpec").Object("Mode", "ReplicatedService")!.Value.UInt64("Replicas"),
        Throws.InstanceOf<GoJsonException>().With.Message
            .EqualTo("json: cannot unmarshal number -1 into Go struct field ReplicatedService.Mode.Replicas of type uint64"));

    [Test]
    public void Keys_match_without_case_and_the_last_one_wins()
    {
        var body = GoObject.Parse("{\"NAME\":\"a\",\"name\":\"b\",\"Labels\":null}"u8.ToArray(), "T");
        Assert.That(body.String("Name"), Is.EqualTo("b"));
        Assert.That(body.Has("Labels"), Is.False);
    }

    [TestCase("a<b>&\"c\\é\u2028\n\u0001😀", "\"a<b>&\\\"c\\\\é\\u2028\\n\\u0001😀\"")]
    public void Strings_are_escaped_as_in_Go(string value, string expected) =>
        Assert.That(GoldenFile.Write(json => json.WriteStringValue(value)), Is.EqualTo(expected));

    [TestCase(0, "0001-01-01T00:00:00Z", -62135596800L)]
    [TestCase(120_000_000, "2026-11-21T00:31:45.12Z", 1795221105L)]
    [TestCase(0, "2026-11-21T00:31:45Z", 1795221105L)]
    [TestCase(1, "2026-11-21T00:31:45.000000001Z", 1795221105L)]
    public void Times_have_as_many_decimals_as_they_need(int nanos, string text, long seconds) =>
        Assert.That(GoTime.Format(new Timestamp { Seconds = seconds, Nanos = nanos }), Is.EqualTo(text));

    [TestCase("1795221105", 1795221105L, 0)]
    [TestCase("1795221105.5", 1795221105L, 500_000_000)]
    [TestCase("2026-11-21T00:31:45Z", 1795221105L, 0)]
    public void Times_are_read_in_both_forms(string text, long seconds, int nanos)
    {
        Assert.That(GoTime.TryParse(text, out var time), Is.True);
        Assert.That((time.Seconds, time.Nanos), Is.EqualTo((seconds, nanos)));
    }

    [TestCase("frob")]
    [TestCase("1.x")]
    [TestCase("1.1234567890")]
    [TestCase("99999999999999")]
    public void What_is_no_time_is_refused(string text) => Assert.That(GoTime.TryParse(text, out _), Is.False);

    [TestCase(0f, "{\"r\":0}")]
    [TestCase(0.2f, "{\"r\":0.2}")]
    [TestCase(0.00001f, "{\"r\":0.00001}")]
    public void Ratios_have_no_exponent(float value, string expected) => Assert.That(
        GoldenFile.Write(json =>
        {
            json.WriteStartObject();
            json.Float("r", value);
            json.WriteEndObject();
        }),
        Is.EqualTo(expected));
}
