using System.Runtime.CompilerServices;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.EngineApi.Logs;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Tests.Support;

/// <summary>The two lines of the recorded answer.</summary>
internal sealed class FakeLogs : ILogSource
{
    public LogSelector? Selector { get; private set; }

    public LogSubscriptionOptions? Options { get; private set; }

    public async IAsyncEnumerable<LogMessage> SubscribeAsync(
        LogSelector selector, LogSubscriptionOptions options, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Selector = selector;
        Options = options;
        await Task.Yield();
        yield return Line(LogStream.Stderr, 630671101, "uhw5dwa50qvzwanbsun4dr78a", "kfbknanetuch635su1hsh9n58", "err 3\n");
        yield return Line(LogStream.Stdout, 686822372, "zejy4mfozafgb7ukhtx69isfe", "3sawq8l6xcgyvxfwuz7xethm3", "out 3\n");
    }

    private static LogMessage Line(LogStream stream, int nanos, string node, string task, string text) => new()
    {
        Context = new LogContext { NodeId = node, ServiceId = "h8lehkaftwj702a3giyslv4ha", TaskId = task },
        Stream = stream,
        Timestamp = new Timestamp { Seconds = 1795222106, Nanos = nanos },
        Data = ByteString.CopyFromUtf8(text),
    };
}
