using System.Net.Sockets;
using System.Text;

namespace SwarmNet.Cluster.Tests;

/// <summary>
/// A client that writes objects with names never used before through any of the managers, and remembers which of them were acknowledged.
/// After some writes it reads through another manager: what was acknowledged must be there.
/// </summary>
internal sealed class FaultClient : IDisposable
{
    // Long enough for a request that waits for an election, short enough to go on when a manager is stopped.
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(4);
    private readonly List<HttpClient> _managers;
    private readonly Lock _gate = new();
    private readonly List<string> _acknowledged = [];
    private readonly List<string> _violations = [];
    private readonly int[] _byManager;
    private int _large;

    public FaultClient(IEnumerable<string> sockets)
    {
        _managers = [.. sockets.Select(Client)];
        _byManager = new int[_managers.Count];
    }

    /// <summary>Names of configs (<c>config-...</c>) and services (<c>service-...</c>) that a manager said it had created.</summary>
    public IReadOnlyList<string> Acknowledged
    {
        get
        {
            lock (_gate)
            {
                return [.. _acknowledged];
            }
        }
    }

    /// <summary>What no client may ever see.</summary>
    public IReadOnlyList<string> Violations
    {
        get
        {
            lock (_gate)
            {
                return [.. _violations];
            }
        }
    }

    /// <summary>How many writes a manager acknowledged.</summary>
    public int CountBy(int manager) => Volatile.Read(ref _byManager[manager]);

    /// <summary>Writes until stopped.</summary>
    public async Task RunAsync(string prefix, int seed, CancellationToken stop)
    {
        var random = new Random(seed);
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var kind = i % 8 == 7 ? "service" : "config";
            var name = $"{kind}-{prefix}-{i}";
            var manager = random.Next(_managers.Count);
            var status = await WriteAsync(manager, kind, name);
            if (status == 201)
            {
                var reader = random.Next(_managers.Count);
                if (random.Next(3) == 0 && await SendAsync(reader, HttpMethod.Get, $"/v1.47/{kind}s/{name}") == 404)
                {
                    Violation($"{name} was acknowledged by manager {manager + 1} and then not found by manager {reader + 1}");
                }
            }
            else if (status is >= 400 and < 500)
            {
                // Nothing is wrong with the request. 409 would be a write that was made twice, and refused the second time.
                Violation($"{name} was answered with {status} by manager {manager + 1}");
            }

            await Task.Delay(status == 201 ? 20 : 100, CancellationToken.None);
        }
    }

    /// <summary>Creates one object; 201 when it was acknowledged.</summary>
    public async Task<int> WriteAsync(int manager, string kind, string name)
    {
        var status = await SendAsync(manager, HttpMethod.Post, $"/v1.47/{kind}s/create", kind == "config"
            ? $$"""{"Name":"{{name}}","Data":"eA=="}"""
            : $$"""{"Name":"{{name}}","TaskTemplate":{"ContainerSpec":{"Image":"busybox:latest"} },"Mode":{"Replicated":{"Replicas":0} } }""");
        if (status == 201)
        {
            lock (_gate)
            {
                _acknowledged.Add(name);
            }

            Interlocked.Increment(ref _byManager[manager]);
        }

        return status;
    }

    /// <summary>
    /// Creates a config nearly as large as one may be and removes it again, at any manager that takes that: the log grows, the store does not. The
    /// answers of those that did not take it.
    /// </summary>
    public async Task<IReadOnlyList<string>> WriteLargeAsync()
    {
        var name = $"large-{Interlocked.Increment(ref _large)}";
        var data = Convert.ToBase64String(new byte[1_000_000]);
        var refusals = new List<string>();
        foreach (var (number, manager) in _managers.Index())
        {
            // Another name at each: what became of a write that was not answered is not known.
            var (status, answer) = await AnswerAsync(manager, HttpMethod.Post, "/v1.47/configs/create", $$"""{"Name":"{{name}}-{{number}}","Data":"{{data}}"}""");
            if (status == 201)
            {
                await AnswerAsync(manager, HttpMethod.Delete, $"/v1.47/configs/{name}-{number}");
                break;
            }

            if (status is >= 400 and < 500)
            {
                Violation($"{name} was answered with {status} by manager {number + 1}: {answer}");
            }

            refusals.Add($"{status} {answer}");
        }

        return refusals;
    }

    /// <summary>What a manager answers to a request that reads; empty when it does not, or refuses.</summary>
    public async Task<string> ReadAsync(int manager, string path)
    {
        var (status, answer) = await AnswerAsync(_managers[manager], HttpMethod.Get, "/v1.47" + path);
        return status == 200 ? answer : "";
    }

    public void Dispose() => _managers.ForEach(manager => manager.Dispose());

    /// <summary>The answer's status; 0 when none came.</summary>
    private async Task<int> SendAsync(int manager, HttpMethod method, string path, string? body = null) =>
        (await AnswerAsync(_managers[manager], method, path, body)).Status;

    private static async Task<(int Status, string Answer)> AnswerAsync(HttpClient manager, HttpMethod method, string path, string? body = null)
    {
        using var limit = new CancellationTokenSource(_patience);
        using var request = new HttpRequestMessage(method, "http://swarm" + path);
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        try
        {
            using var response = await manager.SendAsync(request, limit.Token);
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync(limit.Token));
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException or IOException)
        {
            return (0, "");
        }
    }

    private void Violation(string text)
    {
        lock (_gate)
        {
            _violations.Add(text);
        }
    }

    private static HttpClient Client(string socket) => new(new SocketsHttpHandler
    {
        ConnectCallback = async (_, cancellationToken) =>
        {
            var connection = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            try
            {
                await connection.ConnectAsync(new UnixDomainSocketEndPoint(socket), cancellationToken);
                return new NetworkStream(connection, ownsSocket: true);
            }
            catch
            {
                connection.Dispose();
                throw;
            }
        },
    })
    { Timeout = Timeout.InfiniteTimeSpan };
}
