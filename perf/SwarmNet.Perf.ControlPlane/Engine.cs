using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace SwarmNet.Perf.ControlPlane;

/// <summary>One swarm under test: its first manager's API, and its hosts on this machine.</summary>
/// <param name="Name">Shown in the table.</param>
/// <param name="Socket">Path of the manager's API socket.</param>
/// <param name="DaemonPids">Each host's daemon, the manager's first.</param>
/// <param name="ApiVersion">For example <c>v1.41</c>: both engines are asked in one version.</param>
/// <param name="KillLastHost">Command that ends the last host at once, for sh.</param>
/// <param name="Cli">Command that prints the version, for sh.</param>
internal sealed record EngineTarget(string Name, string Socket, int[] DaemonPids, string ApiVersion, string KillLastHost, string Cli);

/// <summary>The client code that all measurements share: plain HTTP/1.1 over the unix socket.</summary>
internal sealed class Engine : IDisposable
{
    private const string TargetKey = "Target";
    private readonly HttpClient _http;
    private readonly EngineTarget _target;

    public Engine(EngineTarget target)
    {
        _target = target;
        _http = new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = async (_, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await socket.ConnectAsync(new UnixDomainSocketEndPoint(target.Socket), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        })
        {
            BaseAddress = new Uri($"http://engine/{target.ApiVersion}/"),
            Timeout = TimeSpan.FromMinutes(2),
        };
    }

    public EngineTarget Target => _target;

    public async Task<string> CreateNetworkAsync(string name)
    {
        var created = await SendAsync(HttpMethod.Post, "networks/create", new JsonObject { ["Name"] = name, ["Driver"] = "overlay", ["CheckDuplicate"] = true });
        return (string)created["Id"]!;
    }

    public async Task<string> CreateServiceAsync(string name, int replicas, string? network)
    {
        var task = new JsonObject
        {
            ["ContainerSpec"] = new JsonObject { ["Image"] = "busybox:latest", ["Args"] = new JsonArray("sleep", "86400"), ["StopGracePeriod"] = 1_000_000_000L, ["Init"] = false },
        };
        if (network is not null)
        {
            task["Networks"] = new JsonArray(new JsonObject { [TargetKey] = network });
        }

        var created = await SendAsync(HttpMethod.Post, "services/create", new JsonObject
        {
            ["Name"] = name,
            ["TaskTemplate"] = task,
            ["Mode"] = new JsonObject { ["Replicated"] = new JsonObject { ["Replicas"] = replicas } },
        });
        return (string)created["ID"]!;
    }

    public async Task ScaleAsync(string id, int replicas)
    {
        var service = await SendAsync(HttpMethod.Get, $"services/{id}", null);
        var spec = service["Spec"]!.DeepClone().AsObject();
        spec["Mode"]!["Replicated"]!["Replicas"] = replicas;
        await SendAsync(HttpMethod.Post, $"services/{id}/update?version={service["Version"]!["Index"]}", spec);
    }

    public Task RemoveServiceAsync(string id) => SendAsync(HttpMethod.Delete, $"services/{id}", null);

    public Task RemoveNetworkAsync(string id) => SendAsync(HttpMethod.Delete, $"networks/{id}", null);

    public async Task<JsonArray> ServicesAsync() => (await SendAsync(HttpMethod.Get, "services", null)).AsArray();

    public async Task<JsonArray> NodesAsync() => (await SendAsync(HttpMethod.Get, "nodes", null)).AsArray();

    /// <summary>All tasks of a service, also of one that is removed already (which the API's own filter would refuse).</summary>
    public async Task<List<JsonNode>> TasksAsync(string service) =>
        [.. (await SendAsync(HttpMethod.Get, "tasks", null)).AsArray().OfType<JsonNode>().Where(t => (string?)t["ServiceID"] == service)];

    public async Task<int> RunningAsync(string service) => (await TasksAsync(service)).Count(
        t => (string)t["Status"]!["State"]! == "running" && (string)t["DesiredState"]! == "running");

    /// <summary>Seconds until <paramref name="condition"/> holds, asked every 20 ms; fails after <paramref name="patience"/> seconds.</summary>
    public static async Task<double> UntilAsync(Func<Task<bool>> condition, string what, int patience = 120)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed.TotalSeconds > patience)
            {
                throw new TimeoutException($"not within {patience} s: {what}");
            }

            await Task.Delay(20);
        }

        return clock.Elapsed.TotalSeconds;
    }

    /// <summary>Proportional set size, in KiB, of the processes of all hosts that are not inside a container (which has a pid namespace of its own).</summary>
    public long MemoryKiB(bool managerOnly)
    {
        var namespaces = (managerOnly ? _target.DaemonPids[..1] : _target.DaemonPids)
            .Select(pid => new FileInfo($"/proc/{pid}/ns/pid").LinkTarget).OfType<string>().ToHashSet();
        long total = 0;
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(f => int.TryParse(Path.GetFileName(f), out _)))
        {
            try
            {
                if (namespaces.Contains(new FileInfo(folder + "/ns/pid").LinkTarget ?? "") && !Ignored(File.ReadAllText(folder + "/comm").Trim()))
                {
                    var line = File.ReadLines(folder + "/smaps_rollup").First(l => l.StartsWith("Pss:", StringComparison.Ordinal));
                    total += long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
            {
                // The process ended while we looked.
            }
        }

        return total;

        // What only the lab needs: the hosts' first processes.
        static bool Ignored(string command) => command is "docker-init" or "sleep";
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonNode> SendAsync(HttpMethod method, string path, JsonObject? body)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
        {
            request.Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json");
        }

        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"{_target.Name}: {method} {path}: {(int)response.StatusCode} {text}");
        }

        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text) ?? new JsonObject();
    }
}
