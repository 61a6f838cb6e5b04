using System.Buffers;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.EngineApi.Http;
using SwarmNet.EngineApi.Json;

namespace SwarmNet.EngineApi.Logs;

/// <summary>Writes log lines as an answer's body: framed, or raw where the container has a terminal.</summary>
internal sealed class LogStreamWriter(Stream body, LogQuery query, bool isFramed)
{
    private readonly ArrayBufferWriter<byte> buffer = new(4096);

    /// <summary>The media type of the answer; old clients were never told one.</summary>
    public static string? ContentType(ApiVersion version, bool isFramed) => (isFramed, version >= new ApiVersion(1, 42)) switch
    {
        (true, true) => "application/vnd.docker.multiplexed-stream",
        (false, true) => "application/vnd.docker.raw-stream",
        _ => null,
    };

    /// <summary>Writes one line.</summary>
    /// <param name="stream">1 output, 2 error.</param>
    /// <param name="time">When the program wrote it.</param>
    /// <param name="attributes">Details, shown on request.</param>
    /// <param name="line">The bytes, with the line feed that the program wrote.</param>
    /// <param name="cancellationToken">Stops writing.</param>
    public Task WriteAsync(
        byte stream,
        Timestamp? time,
        IEnumerable<KeyValuePair<string, string>> attributes,
        ReadOnlyMemory<byte> line,
        CancellationToken cancellationToken)
    {
        buffer.ResetWrittenCount();
        if (isFramed)
        {
            buffer.GetSpan(LogFrame.HeaderBytes);
            buffer.Advance(LogFrame.HeaderBytes);
        }

        if (query.Timestamps)
        {
            Append(GoTime.FormatFixed(time) + " ");
        }

        if (query.Details)
        {
            Append(string.Join(',', attributes.OrderBy(entry => entry.Key, StringComparer.Ordinal)
                .Select(entry => $"{Uri.EscapeDataString(entry.Key)}={Uri.EscapeDataString(entry.Value)}")) + " ");
        }

        buffer.Write(line.Span);
        return FinishAsync(stream, cancellationToken);
    }

    /// <summary>Tells of a failure after the status has gone out.</summary>
    public Task WriteErrorAsync(string message, CancellationToken cancellationToken)
    {
        buffer.ResetWrittenCount();
        if (isFramed)
        {
            buffer.GetSpan(LogFrame.HeaderBytes);
            buffer.Advance(LogFrame.HeaderBytes);
        }

        Append($"Error grabbing logs: {message}\n");
        return FinishAsync(LogFrame.SystemError, cancellationToken);
    }

    private async Task FinishAsync(byte stream, CancellationToken cancellationToken)
    {
        var chunk = System.Runtime.InteropServices.MemoryMarshal.AsMemory(buffer.WrittenMemory);
        if (isFramed)
        {
            LogFrame.WriteHeader(chunk.Span, stream, chunk.Length - LogFrame.HeaderBytes);
        }

        await body.WriteAsync(chunk, cancellationToken);
        await body.FlushAsync(cancellationToken);
    }

    private void Append(string text) => Encoding.UTF8.GetBytes(text, buffer);
}
