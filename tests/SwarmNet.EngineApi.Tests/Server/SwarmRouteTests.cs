using System.Text.Json;
using SwarmNet.Ca;
using SwarmNet.EngineApi.Tests.Support;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Tests.Server;

[TestFixture]
internal sealed class SwarmRouteTests
{
    [Test]
    public async Task Ping_tells_version_and_place_in_the_swarm()
    {
        await using var engine = await TestEngine.StartRecordedAsync();
        foreach (var method in new[] { "HEAD", "GET" })
        {
            var (status, body, response) = await engine.SendAsync(method, "/_ping");
            Assert.That((status, body), Is.EqualTo((200, method == "GET" ? "OK" : "")));
            Assert.That(response.Headers.GetValues("Api-Version"), Is.EqualTo(new[] { "1.47" }));
            Assert.That(response.Headers.GetValues("Ostype"), Is.EqualTo(new[] { "linux" }));
            Assert.That(response.Headers.GetValues("Swarm"), Is.EqualTo(new[] { "active/manager" }));
        }
    }

    [TestCase("/v1.48/services", 400, "{\"message\":\"client version 1.48 is too new. Maximum supported API version is 1.47\"}\n")]
    [TestCase(
        "/v1.23/services",
        400,
        "{\"message\":\"client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version\"}\n")]
    [TestCase(
        "/v1.1/services",
        400,
        "client version 1.1 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version\n")]
    public async Task Versions_out_of_range_are_refused(string path, int status, string body)
    {
        await using var engine = await TestEngine.StartRecordedAsync();
        var answer = await engine.SendAsync("GET", path);
        Assert.That((answer.Status, answer.Body), Is.EqualTo((status, body)));
    }

    [Test]
    public async Task Init_merges_what_is_sent_over_the_defaults()
    {
        await using var engine = await TestEngine.StartAsync();
        var (status, body, _) = await engine.SendAsync(
            "POST",
            "/v1.47/swarm/init",
            """
            {"ListenAddr":"0.0.0.0:2377","AdvertiseAddr":"10.200.0.1","Availability":"drain","DefaultAddrPool":["10.9.0.0/16"],"SubnetSize":24,
             "Spec":{"Labels":null,"Orchestration":{"TaskHistoryRetentionLimit":4},"Raft":{"ElectionTick":0,"HeartbeatTick":0},"Dispatcher":{},
             "CAConfig":{},"TaskDefaults":{},"EncryptionConfig":{"AutoLockManagers":false}}}
            """);
        Assert.That((status, body), Is.EqualTo((200, "\"l913u9yfotbcid7ufifhbcebk\"\n")));
        var init = engine.Node.Init!;
        Assert.That(init.Availability, Is.EqualTo(NodeAvailability.Drain));
        Assert.That(init.DefaultAddrPool, Is.EqualTo(new[] { "10.9.0.0/16" }));
        Assert.That(init.Spec.Annotations.Name, Is.EqualTo("default"));
        Assert.That(init.Spec.Orchestration.TaskHistoryRetentionLimit, Is.EqualTo(4));
        Assert.That(init.Spec.Raft.ElectionTick, Is.EqualTo(10));
        Assert.That(init.Spec.CaConfig.NodeCertExpiry.Seconds, Is.EqualTo(2160 * 3600));
    }

    [Test]
    public async Task Join_and_leave_reach_the_node()
    {
        await using var engine = await TestEngine.StartAsync();
        var (status, body, _) = await engine.SendAsync(
            "POST", "/v1.47/swarm/join", "{\"ListenAddr\":\"0.0.0.0:2377\",\"RemoteAddrs\":[\"10.200.0.1:2377\"],\"JoinToken\":\"SWMTKN-1-x-y\"}");
        Assert.That((status, body), Is.EqualTo((200, "")));
        Assert.That(engine.Node.Join!.RemoteAddrs, Is.EqualTo(new[] { "10.200.0.1:2377" }));
        engine.Node.Status = engine.Node.Status with { State = LocalNodeState.Active };
        Assert.That((await engine.SendAsync("POST", "/v1.47/swarm/leave?force=1")).Status, Is.EqualTo(200));
        Assert.That(engine.Node.LeftWithForce, Is.True);
    }

    [Test]
    public async Task Unlocking_reaches_a_node_that_is_locked_only()
    {
        await using var engine = await TestEngine.StartAsync(new SwarmNodeStatus(LocalNodeState.Locked, "", "10.200.0.1", Swarm.SwarmTexts.Locked, []));
        engine.Node.Lock = UnlockKey.Create();
        var (_, _, response) = await engine.SendAsync("GET", "/_ping");
        Assert.That(response.Headers.GetValues("Swarm"), Is.EqualTo(new[] { "locked" }));
        Assert.That(await UnlockAsync(engine, engine.Node.Lock.ToString()), Is.EqualTo((200, "")));
        Assert.That(engine.Node.Unlocked, Is.EqualTo(engine.Node.Lock));

        engine.Node.Status = new SwarmNodeStatus(LocalNodeState.Inactive, "", "", "", []);
        Assert.That(await UnlockAsync(engine, "frob"), Is.EqualTo((503, "{\"message\":\"This node is not part of a swarm\"}\n")));
        engine.Node.Status = new SwarmNodeStatus(LocalNodeState.Active, "n", "10.200.0.1", "", []);
        Assert.That((await UnlockAsync(engine, "frob")).Body, Does.Contain("Worker nodes can't be used"));

        static async Task<(int Status, string Body)> UnlockAsync(TestEngine engine, string key)
        {
            var (status, body, _) = await engine.SendAsync("POST", "/v1.47/swarm/unlock", $"{{\"UnlockKey\":\"{key}\"}}");
            return (status, body);
        }
    }

    [Test]
    public async Task A_backup_to_restore_reaches_the_node()
    {
        await using var engine = await TestEngine.StartAsync();
        var key = UnlockKey.Create();
        Assert.That((await RestoreAsync("", key.ToString())).Body, Is.EqualTo("{\"NodeID\":\"l913u9yfotbcid7ufifhbcebk\"}\n"));
        var restore = engine.Node.Restore!;
        Assert.That(restore.Backup.ToArray(), Is.EqualTo("backup"u8.ToArray()));
        Assert.That(restore with { Backup = default }, Is.EqualTo(new SwarmRestore(default, key, "0.0.0.0:2377", "", "", false)));
        await RestoreAsync("?listenAddr=eth0&advertiseAddr=10.0.0.7&dataPathAddr=10.0.0.8&force=1", null);
        Assert.That(engine.Node.Restore! with { Backup = default }, Is.EqualTo(new SwarmRestore(default, null, "eth0", "10.0.0.7", "10.0.0.8", true)));
        Assert.That(await RestoreAsync("", "frob"), Is.EqualTo((400, "{\"message\":\"invalid key string\"}\n")));

        async Task<(int Status, string Body)> RestoreAsync(string query, string? unlockKey)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "http://engine/v1.47/swarm/restore" + query);
            request.Content = new ByteArrayContent("backup"u8.ToArray());
            if (unlockKey is not null)
            {
                request.Headers.Add("X-Swarm-Unlock-Key", unlockKey);
            }

            using var response = await engine.Http.SendAsync(request);
            return ((int)response.StatusCode, await response.Content.ReadAsStringAsync());
        }
    }

    [Test]
    public async Task Only_a_manager_backs_up()
    {
        await using var engine = await TestEngine.StartAsync();
        Assert.That((await engine.SendAsync("GET", "/v1.47/swarm/backup")).Status, Is.EqualTo(503));
        engine.Node.Status = new SwarmNodeStatus(LocalNodeState.Locked, "", "10.200.0.1", Swarm.SwarmTexts.Locked, []);
        Assert.That((await engine.SendAsync("GET", "/v1.47/swarm/backup")).Body, Does.Contain("needs to be unlocked"));
    }

    [Test]
    public async Task A_service_lives_from_create_to_remove()
    {
        await using var engine = await TestEngine.StartRecordedAsync();
        const string spec = "{\"Name\":\"new\",\"TaskTemplate\":{\"ContainerSpec\":{\"Image\":\"busybox:1.36\"},\"Networks\":[{\"Target\":\"net1\"}]}}";
        var (status, body, _) = await engine.SendAsync("POST", "/v1.47/services/create", spec);
        Assert.That(status, Is.EqualTo(201), body);
        var id = JsonDocument.Parse(body).RootElement.GetProperty("ID").GetString()!;
        var stored = engine.Store.View.Services.Get(id)!;
        Assert.That(stored.Spec.Task.Networks[0].Target, Is.EqualTo("02tgq52ey1jr75hek1ob392i3"), "names become ids");

        var changed = spec.Replace("1.36", "1.37", StringComparison.Ordinal);
        (status, body, _) = await engine.SendAsync("POST", $"/v1.47/services/new/update?version={stored.Meta.Version.Index}", changed);
        Assert.That((status, body), Is.EqualTo((200, "{\"Warnings\":null}\n")));
        Assert.That(engine.Store.View.Services.Get(id)!.PreviousSpec.Task.Container.Image, Is.EqualTo("busybox:1.36"));

        (status, body, _) = await engine.SendAsync("DELETE", "/v1.47/services/" + id[..10]);
        Assert.That((status, body), Is.EqualTo((200, "")));
        Assert.That(engine.Store.View.Services.Get(id), Is.Null);
    }

    [Test]
    public async Task A_service_without_a_name_gets_one()
    {
        await using var engine = await TestEngine.StartRecordedAsync();
        var (status, body, _) = await engine.SendAsync("POST", "/v1.47/services/create", "{\"TaskTemplate\":{\"ContainerSpec\":{\"Image\":\"busybox\"}}}");
        Assert.That(status, Is.EqualTo(201), body);
        var id = JsonDocument.Parse(body).RootElement.GetProperty("ID").GetString()!;
        Assert.That(engine.Store.View.Services.Get(id)!.Spec.Annotations.Name, Does.Match("^[a-z]+_[a-z]+$"));
    }

    [Test]
    public async Task Registry_credentials_are_kept_on_update_and_never_shown()
    {
        await using var engine = await TestEngine.StartRecordedAsync();
        const string spec = "{\"Name\":\"secretive\",\"TaskTemplate\":{\"ContainerSpec\":{\"Image\":\"busybox\"}}}";
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://docker/v1.47/services/create")
        {
            Content = new StringContent(spec, System.Text.Encoding.UTF8, "application/json"),
            Headers = { { "X-Registry-Auth", "Y3JlZGVudGlhbHM=" } },
        };
        Assert.That((int)(await engine.Http.SendAsync(request)).StatusCode, Is.EqualTo(201));
        var stored = engine.Store.View.Services.FindByName("secretive")!;
        await engine.SendAsync("POST", $"/v1.47/services/{stored.Id}/update?version={stored.Meta.Version.Index}&registryAuthFrom=spec", spec);
        Assert.That(engine.Store.View.Services.Get(stored.Id)!.Spec.Task.Container.PullOptions.RegistryAuth, Is.EqualTo("Y3JlZGVudGlhbHM="));
        Assert.That((await engine.SendAsync("GET", "/v1.47/services/secretive")).Body, Does.Not.Contain("Y3JlZGVudGlhbHM="));
    }

    [Test]
    public async Task Service_on_a_local_network_is_refused()
    {
        await using var engine = await TestEngine.StartRecordedAsync();
        var (status, body, _) = await engine.SendAsync(
            "POST", "/v1.47/services/create", "{\"TaskTemplate\":{\"ContainerSpec\":{\"Image\":\"a\"},\"Networks\":[{\"Target\":\"host\"}]}}");
        Assert.That(status, Is.EqualTo(403));
        Assert.That(body, Does.Contain("The network host cannot be used with services."));
    }

    [TestCase("\"EnableIPv4\":false,\"EnableIPv6\":true", "IPv4 cannot be disabled in a Swarm scoped network")]
    [TestCase(
        "\"IPAM\":{\"Config\":[{\"Subnet\":\"fd00:1::/64\"}]}",
        "rpc error: code = InvalidArgument desc = ipam configuration: subnet fd00:1::/64 is an IPv6 subnet, and IPv6 is not enabled on the network: enable it (--ipv6)")]
    public async Task A_network_of_the_wrong_family_is_refused(string body, string message)
    {
        await using var engine = await TestEngine.StartRecordedAsync();
        var answer = await engine.SendAsync("POST", "/v1.47/networks/create", $"{{\"Name\":\"n\",\"Driver\":\"overlay\",{body}}}");
        Assert.That((answer.Status, answer.Body), Is.EqualTo((400, $"{{\"message\":\"{message}\"}}\n")));
    }

    [Test]
    public async Task A_network_with_ipv6_shows_both_families()
    {
        await using var engine = await TestEngine.StartRecordedAsync();
        var (status, body, _) = await engine.SendAsync(
            "POST",
            "/v1.47/networks/create",
            "{\"Name\":\"n\",\"Driver\":\"overlay\",\"EnableIPv6\":true,\"IPAM\":{\"Config\":[{\"Subnet\":\"10.77.0.0/24\"},{\"Subnet\":\"fd00:1::/64\",\"Gateway\":\"fd00:1::9\"}]}}");
        Assert.That(status, Is.EqualTo(201), body);
        var network = JsonDocument.Parse((await engine.SendAsync("GET", "/v1.47/networks/n")).Body).RootElement;
        Assert.That(network.GetProperty("EnableIPv6").GetBoolean(), Is.True);
        Assert.That(network.GetProperty("IPAM").GetProperty("Config")[1].GetRawText(), Is.EqualTo("{\"Subnet\":\"fd00:1::/64\",\"Gateway\":\"fd00:1::9\"}"));
    }

    [Test]
    public async Task A_network_lives_from_create_to_remove()
    {
        await using var engine = await TestEngine.StartRecordedAsync();
        var (status, body, _) = await engine.SendAsync(
            "POST",
            "/v1.47/networks/create",
            "{\"Name\":\"n\",\"Driver\":\"overlay\",\"Attachable\":true,\"Labels\":{\"a\":\"b\"},\"IPAM\":{\"Config\":[{\"Subnet\":\"10.77.0.0/24\"}]}}");
        Assert.That(status, Is.EqualTo(201), body);
        var id = JsonDocument.Parse(body).RootElement.GetProperty("Id").GetString()!;
        Assert.That(body, Is.EqualTo($"{{\"Id\":\"{id}\",\"Warning\":\"\"}}\n"));
        (status, body, _) = await engine.SendAsync("GET", "/v1.47/networks?filters=" + Uri.EscapeDataString("{\"label\":[\"a=b\"]}"));
        Assert.That(JsonDocument.Parse(body).RootElement[0].GetProperty("Name").GetString(), Is.EqualTo("n"));
        Assert.That((await engine.SendAsync("DELETE", "/v1.47/networks/n")).Status, Is.EqualTo(204));
        Assert.That(engine.Store.View.Networks.Get(id), Is.Null);
    }

    [Test]
    public async Task Networks_of_the_node_are_listed_after_the_swarms()
    {
        await using var engine = await TestEngine.StartRecordedAsync(options => options with
        {
            LocalNetworks = () => [new LocalNetwork(new string('a', 64), "gateway", "bridge", DateTimeOffset.UnixEpoch, "172.18.0.0/16", "172.18.0.1", new Dictionary<string, string>())],
        });
        var (_, body, _) = await engine.SendAsync("GET", "/v1.47/networks");
        Assert.That(
            JsonDocument.Parse(body).RootElement.EnumerateArray().Select(network => network.GetProperty("Name").GetString()),
            Is.EqualTo(new[] { "net1", "ingress", "none", "host", "gateway" }));
    }

    [TestCase("net1", false)]
    [TestCase("net1", true)]
    public async Task A_network_with_tasks_on_this_node_shows_them(string name, bool verbose)
    {
        await using var engine = await TestEngine.StartRecordedAsync();
        var ingress = JsonDocument.Parse((await engine.SendAsync("GET", $"/v1.47/networks/ingress?verbose={verbose}")).Body).RootElement;
        var container = ingress.GetProperty("Containers").EnumerateObject().Single();
        Assert.That(container.Value.GetProperty("Name").GetString(), Is.EqualTo("web.3.wwcku2oy5iygp20c2vvoucv5v"));
        Assert.That(container.Value.GetProperty("MacAddress").GetString(), Is.EqualTo("02:42:0a:00:00:08"));
        Assert.That(ingress.TryGetProperty("Services", out var services), Is.EqualTo(verbose));
        if (verbose)
        {
            Assert.That(services.GetProperty("web").GetProperty("VIP").GetString(), Is.EqualTo("10.0.0.5"));
            Assert.That(services.GetProperty("web").GetProperty("Ports")[0].GetString(), Is.EqualTo("Target: 80, Publish: 8000"));
        }

        // No task of this node is on net1: shown as one that is not built here, as Docker does.
        Assert.That((await engine.SendAsync("GET", $"/v1.41/networks/{name}?verbose={verbose}")).Body, Is.EqualTo(GoldenFile.Load("02-network-net1").CompactBody + "\n"));
    }

    [Test]
    public async Task Up_to_date_tasks_are_those_of_the_current_specification()
    {
        await using var engine = await TestEngine.StartRecordedAsync();
        var path = "/v1.47/tasks?filters=" + Uri.EscapeDataString("{\"service\":{\"web\":true},\"_up-to-date\":{\"true\":true}}");
        var stored = engine.Store.View.Services.FindByName("web")!;
        await engine.Store.UpdateAsync(
            transaction =>
            {
                foreach (var task in transaction.View.TasksOfService(stored.Id).Take(1))
                {
                    var changed = task.Clone();
                    changed.Spec.ForceUpdate++;
                    changed.Endpoint = new Endpoint { Spec = stored.Spec.Endpoint };
                    transaction.Update(changed);
                }

                foreach (var task in transaction.View.TasksOfService(stored.Id).Skip(1))
                {
                    var same = task.Clone();
                    same.Endpoint = new Endpoint { Spec = stored.Spec.Endpoint };
                    transaction.Update(same);
                }
            },
            CancellationToken.None);
        Assert.That(JsonDocument.Parse((await engine.SendAsync("GET", path)).Body).RootElement.GetArrayLength(), Is.EqualTo(2));
    }

    [Test]
    public async Task A_node_update_is_stored()
    {
        await using var engine = await TestEngine.StartRecordedAsync();
        var (status, body, _) = await engine.SendAsync(
            "POST", "/v1.47/nodes/node2/update?version=57", "{\"Labels\":{\"zone\":\"b\"},\"Role\":\"worker\",\"Availability\":\"drain\"}");
        Assert.That((status, body), Is.EqualTo((200, "")));
        var node = engine.Store.View.Nodes.Get("ka8wpfd9dnfghpo3w9yzzfj57")!;
        Assert.That(node.Spec.Availability, Is.EqualTo(NodeAvailability.Drain));
        Assert.That(node.Spec.Annotations.Labels["zone"], Is.EqualTo("b"));
    }

    [Test]
    public async Task Info_of_a_manager_tells_of_the_cluster()
    {
        await using var engine = await TestEngine.StartRecordedAsync();
        var info = JsonDocument.Parse((await engine.SendAsync("GET", "/v1.47/info")).Body).RootElement;
        Assert.That(info.GetProperty("Name").GetString(), Is.EqualTo("node1"));
        Assert.That(info.GetProperty("NCPU").GetInt32(), Is.EqualTo(Environment.ProcessorCount));
        Assert.That(info.GetProperty("MemTotal").GetInt64(), Is.GreaterThan(1 << 20));
        var swarm = info.GetProperty("Swarm");
        Assert.That(swarm.GetProperty("Nodes").GetInt32(), Is.EqualTo(3));
        Assert.That(swarm.GetProperty("Managers").GetInt32(), Is.EqualTo(1));
        Assert.That(swarm.GetProperty("Cluster").GetProperty("ID").GetString(), Is.EqualTo("ilwcvzfqutkr8fa8wamudql2t"));
        Assert.That(swarm.GetProperty("Cluster").TryGetProperty("JoinTokens", out _), Is.False);
    }

    [Test]
    public async Task A_body_of_another_media_type_is_refused()
    {
        await using var engine = await TestEngine.StartRecordedAsync();
        var (status, body, _) = await engine.SendAsync("POST", "/v1.47/services/create", "{}", "text/plain");
        Assert.That((status, body), Is.EqualTo((400, "{\"message\":\"unsupported Content-Type header (text/plain): must be 'application/json'\"}\n")));
    }

    [Test]
    public async Task A_huge_body_is_refused()
    {
        await using var engine = await TestEngine.StartRecordedAsync();
        var (status, _, _) = await engine.SendAsync("POST", "/v1.47/secrets/create", "{\"Name\":\"" + new string('a', 9 << 20) + "\"}");
        Assert.That(status, Is.EqualTo(413));
    }

    [Test]
    public async Task Only_owner_and_group_may_open_the_socket_and_a_second_server_is_refused()
    {
        await using var engine = await TestEngine.StartAsync();
        const UnixFileMode expected = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
        Assert.That(File.GetUnixFileMode(engine.Socket), Is.EqualTo(expected));
        var options = new EngineApiOptions
        {
            SocketPath = engine.Socket,
            Node = engine.Node,
            Engine = new EngineInfo { Id = "2", Hostname = "b", StateFolder = "/" },
        };
        Assert.That(async () => await EngineApiServer.StartAsync(options), Throws.InstanceOf<IOException>());
    }
}
