using System.Net.Sockets;
using System.Text;

namespace SwarmNet.Cli.Tests;

/// <summary>
/// An engine on a unix socket that answers each request with what the test gave for it and records what came. Unknown paths are 404 as
/// Docker's.
/// </summary>
internal sealed class CannedEngine : IDisposable
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Dictionary<string, Queue<(int Status, string ContentType, byte[] Body)>> _answers = [];
    private readonly List<Request> _requests = [];
    private readonly Thread _thread;
    private readonly string _folder = Directory.CreateTempSubdirectory("swarm-cli-").FullName;

    public CannedEngine(string apiVersion = "1.41")
    {
        ApiVersion = apiVersion;
        Path = System.IO.Path.Combine(_folder, "engine.sock");
        _listener.Bind(new UnixDomainSocketEndPoint(Path));
        _listener.Listen();
        _thread = new Thread(Accept) { IsBackground = true, Name = "canned engine" };
        _thread.Start();
    }

    public string ApiVersion { get; }

    public string Path { get; }

    public string Host => "unix://" + Path;

    /// <summary>Answers without a length are sent in chunks of this many bytes; 0 sends them whole with Content-Length.</summary>
    public int ChunkBytes { get; init; }

    public IReadOnlyList<Request> Requests
    {
        get
        {
            lock (_requests)
            {
                return [.. _requests];
            }
        }
    }

    /// <summary>Adds an answer. Several for one request come in turn, the last of them for ever.</summary>
    /// <param name="request">Method and path without the version, such as <c>GET /nodes</c>.</param>
    public CannedEngine On(string request, string body, int status = 200, string contentType = "application/json") =>
        On(request, Encoding.UTF8.GetBytes(body), status, contentType);

    public CannedEngine On(string request, byte[] body, int status = 200, string contentType = "application/json")
    {
        lock (_requests)
        {
            if (!_answers.TryGetValue(request, out var queue))
            {
                _answers[request] = queue = [];
            }

            queue.Enqueue((status, contentType, body));
        }

        return this;
    }

    public void Dispose()
    {
        _listener.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private void Accept()
    {
        while (true)
        {
            Socket connection;
            try
            {
                connection = _listener.Accept();
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                return;
            }

            new Thread(() => Serve(connection)) { IsBackground = true }.Start();
        }
    }

    private void Serve(Socket connection)
    {
        using var stream = new NetworkStream(connection, ownsSocket: true);
        try
        {
            while (ReadRequest(stream) is { } request)
            {
                lock (_requests)
                {
                    _requests.Add(request);
                }

                Answer(stream, request);
            }
        }
        catch (IOException)
        {
            // The client is gone.
        }
    }

    private void Answer(NetworkStream stream, Request request)
    {
        (int Status, string ContentType, byte[] Body) answer;
        lock (_requests)
        {
            answer = request.Path == "/_ping" ? (200, "text/plain", [])
                : !_answers.TryGetValue($"{request.Method} {request.Path}", out var queue)
                    ? (404, "application/json", Encoding.UTF8.GetBytes($$"""{"message":"no answer for {{request.Method}} {{request.Path}}"}"""))
                : queue.Count > 1 ? queue.Dequeue() : queue.Peek();
        }

        var head = $"HTTP/1.1 {answer.Status} X\r\nApi-Version: {ApiVersion}\r\nContent-Type: {answer.ContentType}\r\n";
        if (ChunkBytes == 0 || request.Method == "HEAD")
        {
            stream.Write(Encoding.ASCII.GetBytes($"{head}Content-Length: {answer.Body.Length}\r\n\r\n"));
            stream.Write(request.Method == "HEAD" ? [] : answer.Body);
            return;
        }

        stream.Write(Encoding.ASCII.GetBytes($"{head}Transfer-Encoding: chunked\r\n\r\n"));
        foreach (var chunk in answer.Body.Chunk(ChunkBytes))
        {
            stream.Write([.. Encoding.ASCII.GetBytes($"{chunk.Length:x};ext=1\r\n"), .. chunk, .. "\r\n"u8]);
        }

        stream.Write("0\r\nTrailer: x\r\n\r\n"u8);
    }

    private static Request? ReadRequest(NetworkStream stream)
    {
        var head = new List<byte>();
        while (head.Count < 4 || !head[^4..].SequenceEqual("\r\n\r\n"u8.ToArray()))
        {
            var next = stream.ReadByte();
            if (next < 0)
            {
                return null;
            }

            head.Add((byte)next);
        }

        var lines = Encoding.Latin1.GetString([.. head]).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(line => line.Split(": ", 2)).ToDictionary(pair => pair[0], pair => pair[1], StringComparer.OrdinalIgnoreCase);
        var body = new MemoryStream();
        if (headers.TryGetValue("Content-Length", out var length))
        {
            var bytes = new byte[int.Parse(length)];
            stream.ReadExactly(bytes);
            body.Write(bytes);
        }
        else if (headers.ContainsKey("Transfer-Encoding"))
        {
            ReadChunks(stream, body);
        }

        var parts = lines[0].Split(' ');
        var path = parts[1].StartsWith("/v1.", StringComparison.Ordinal) ? parts[1][parts[1].IndexOf('/', 1)..] : parts[1];
        return new Request(parts[0], path, parts[1], headers, Encoding.UTF8.GetString(body.ToArray()));
    }

    private static void ReadChunks(NetworkStream stream, MemoryStream body)
    {
        while (true)
        {
            var line = new StringBuilder();
            while (stream.ReadByte() is var next && next != '\n')
            {
                line.Append((char)next);
            }

            var chunk = new byte[Convert.ToInt32(line.ToString().Trim(), 16)];
            stream.ReadExactly(chunk);
            body.Write(chunk);
            stream.ReadExactly(new byte[2]);
            if (chunk.Length == 0)
            {
                return;
            }
        }
    }

    internal sealed record Request(string Method, string Path, string RawPath, IReadOnlyDictionary<string, string> Headers, string Body);
}
