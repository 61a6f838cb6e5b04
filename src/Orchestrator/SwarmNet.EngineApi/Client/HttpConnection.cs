using System.Globalization;
using System.Text;

namespace SwarmNet.EngineApi.Client;

/// <summary>
/// One HTTP/1.1 connection (RFC 9112): a request is written, its answer read, and the connection used again if the body was read whole.
/// Blocking on purpose: a command-line program has nothing else to do, and starts faster without the asynchronous socket engine.
/// </summary>
internal sealed class HttpConnection : IDisposable
{
    private const int MaxHeaderBytes = 64 * 1024;

    private readonly Stream _stream;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    public HttpConnection(Stream stream) => _stream = stream;

    /// <summary>False once an answer ended by closing, was left half read, or asked for the connection to close.</summary>
    public bool Reusable { get; set; } = true;

    public static HttpConnection Open(EngineHost host) => new(host.Connect());

    public void WriteRequest(string method, string target, ReadOnlySpan<byte> body, string? contentType, IEnumerable<KeyValuePair<string, string>>? headers)
    {
        var head = StartRequest(method, target, contentType, headers);
        if (body.Length > 0 || method == "POST")
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n");
        }

        head.Append("\r\n");
        WriteHead(head, body);
    }

    public void WriteRequest(string method, string target, Stream body, string? contentType, IEnumerable<KeyValuePair<string, string>>? headers)
    {
        var head = StartRequest(method, target, contentType, headers).Append("Transfer-Encoding: chunked\r\n\r\n");
        WriteHead(head, default);
        var chunk = new byte[32 * 1024];
        int count;
        while ((count = body.Read(chunk)) > 0)
        {
            _stream.Write(Encoding.ASCII.GetBytes(count.ToString("x", CultureInfo.InvariantCulture) + "\r\n"));
            _stream.Write(chunk.AsSpan(0, count));
            _stream.Write("\r\n"u8);
        }

        _stream.Write("0\r\n\r\n"u8);
    }

    public EngineResponse ReadResponse(string method)
    {
        int status;
        Dictionary<string, string> headers;
        do
        {
            (status, headers) = ReadHead();
        }
        while (status is >= 100 and < 200 and not 101);

        if (headers.TryGetValue("Connection", out var connection) && connection.Equals("close", StringComparison.OrdinalIgnoreCase))
        {
            Reusable = false;
        }

        return new EngineResponse(status, headers, OpenBody(method, status, headers));
    }

    /// <summary>The raw stream below, for a protocol the connection was upgraded to.</summary>
    public Stream Hijack()
    {
        Reusable = false;
        return new HijackedStream(this);
    }

    /// <summary>Bytes that were read with the head come first. 0 at the end of the connection.</summary>
    internal int Read(Span<byte> target)
    {
        if (_start == _end)
        {
            return _stream.Read(target);
        }

        var count = Math.Min(target.Length, _end - _start);
        _buffer.AsSpan(_start, count).CopyTo(target);
        _start += count;
        return count;
    }

    internal void Write(ReadOnlySpan<byte> bytes) => _stream.Write(bytes);

    /// <summary>One line without its CR LF.</summary>
    internal string ReadLine()
    {
        var line = new StringBuilder();
        while (true)
        {
            for (var i = _start; i < _end; i++)
            {
                if (_buffer[i] != (byte)'\n')
                {
                    continue;
                }

                line.Append(Encoding.UTF8.GetString(_buffer, _start, i - _start));
                _start = i + 1;
                return line.Length > 0 && line[^1] == '\r' ? line.ToString(0, line.Length - 1) : line.ToString();
            }

            line.Append(Encoding.UTF8.GetString(_buffer, _start, _end - _start));
            if (line.Length > MaxHeaderBytes)
            {
                throw new InvalidDataException($"the engine's answer has a header line of more than {MaxHeaderBytes} bytes");
            }

            _start = 0;
            _end = _stream.Read(_buffer);
            if (_end == 0)
            {
                throw new EndOfStreamException("the engine closed the connection before its answer was whole");
            }
        }
    }

    public void Dispose() => _stream.Dispose();

    private static StringBuilder StartRequest(string method, string target, string? contentType, IEnumerable<KeyValuePair<string, string>>? headers)
    {
        var head = new StringBuilder(256)
            .Append(method).Append(' ').Append(target).Append(" HTTP/1.1\r\nHost: api.moby.localhost\r\nUser-Agent: Swarm-Client (linux)\r\n");
        if (contentType is not null)
        {
            head.Append("Content-Type: ").Append(contentType).Append("\r\n");
        }

        foreach (var (name, value) in headers ?? [])
        {
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        return head;
    }

    private void WriteHead(StringBuilder head, ReadOnlySpan<byte> body)
    {
        var bytes = new byte[head.Length + body.Length];
        Encoding.ASCII.GetBytes(head.ToString(), bytes);
        body.CopyTo(bytes.AsSpan(head.Length));
        _stream.Write(bytes);
    }

    private (int Status, Dictionary<string, string> Headers) ReadHead()
    {
        var statusLine = ReadLine();
        if (statusLine.Length < 12 || !statusLine.StartsWith("HTTP/1.", StringComparison.Ordinal)
            || !int.TryParse(statusLine.AsSpan(9, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status))
        {
            throw new InvalidDataException("what answered is not an HTTP/1.1 server");
        }

        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        for (var line = ReadLine(); line.Length > 0; line = ReadLine())
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0)
            {
                headers[line[..colon]] = line[(colon + 1)..].Trim();
            }
        }

        return (status, headers);
    }

    private Stream OpenBody(string method, int status, Dictionary<string, string> headers)
    {
        if (method == "HEAD" || status is 204 or 304)
        {
            return Stream.Null;
        }

        if (headers.TryGetValue("Transfer-Encoding", out var encoding) && encoding.Equals("chunked", StringComparison.OrdinalIgnoreCase))
        {
            return new ChunkedBody(this);
        }

        if (headers.TryGetValue("Content-Length", out var text) && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var length))
        {
            return length == 0 ? Stream.Null : new SizedBody(this, length);
        }

        Reusable = false;
        return new SizedBody(this, long.MaxValue);
    }
}
