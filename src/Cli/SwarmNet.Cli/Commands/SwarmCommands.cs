using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Commands.Flags;
using SwarmNet.Cli.Specs;
using SwarmNet.EngineApi.Client;

namespace SwarmNet.Cli.Commands;

/// <summary><c>swarm init</c>, <c>join</c>, <c>leave</c> and the other commands on the cluster itself.</summary>
internal static class SwarmCommands
{
    public static Command[] All =>
    [
        new Command
        {
            Use = "ca [OPTIONS]", Short = "Display and rotate the root CA", Arguments = ArgumentCount.None, Flags = SwarmFlags.Ca, Run = Ca,
        },
        new Command
        {
            Use = "init [OPTIONS]", Short = "Initialize a swarm", Arguments = ArgumentCount.None, Flags = SwarmFlags.Init, Run = Init,
            Example = "{0} init --advertise-addr 10.0.0.1\n{0} init --advertise-addr eth1 --autolock",
        },
        new Command
        {
            Use = "join [OPTIONS] HOST:PORT", Short = "Join a swarm as a node and/or manager", Arguments = ArgumentCount.Exactly(1),
            Flags = SwarmFlags.Join, Run = Join, Example = "{0} join --token SWMTKN-1-... 10.0.0.1:2377",
        },
        new Command
        {
            Use = "join-token [OPTIONS] (worker|manager)", Short = "Manage join tokens", Arguments = ArgumentCount.Exactly(1),
            Flags = SwarmFlags.JoinToken, Run = JoinToken, Example = "{0} join-token -q worker", Complete = _ => ["worker", "manager"],
        },
        new Command
        {
            Use = "leave [OPTIONS]", Short = "Leave the swarm", Arguments = ArgumentCount.None, Flags = SwarmFlags.Leave, Run = Leave,
        },
        new Command { Use = "unlock", Short = "Unlock swarm", Arguments = ArgumentCount.None, Run = Unlock },
        new Command
        {
            Use = "unlock-key [OPTIONS]", Short = "Manage the unlock key", Arguments = ArgumentCount.None, Flags = SwarmFlags.UnlockKey, Run = UnlockKey,
        },
        new Command
        {
            Use = "update [OPTIONS]", Short = "Update the swarm", Arguments = ArgumentCount.None, Flags = SwarmFlags.Update, Run = Update,
            Example = "{0} update --task-history-limit 3",
        },
    ];

    private static string Verb(Invocation invocation) => invocation.Context.ProgramName == "swarm" ? "swarm" : invocation.Context.ProgramName + " swarm";

    private static int Init(Invocation invocation)
    {
        var flags = invocation.Flags;
        var client = invocation.Context.Client;
        var request = new JsonObject
        {
            ["ListenAddr"] = flags.Text("listen-addr"),
            ["AdvertiseAddr"] = flags.Text("advertise-addr"),
            ["DataPathAddr"] = flags.Text("data-path-addr"),
            ["DataPathPort"] = flags.UInt("data-path-port"),
            ["ForceNewCluster"] = flags.IsSet("force-new-cluster"),
            ["Spec"] = SwarmSpec.New(flags),
            ["AutoLockManagers"] = flags.IsSet("autolock"),
            ["Availability"] = Availability(flags),
            ["DefaultAddrPool"] = new JsonArray([.. flags.List("default-addr-pool").SelectMany(pool => pool.Split(',')).Select(pool => JsonValue.Create(pool))]),
            ["SubnetSize"] = flags.UInt("default-addr-pool-mask-length"),
        };
        Json nodeId;
        try
        {
            nodeId = client.Post("/swarm/init", request);
        }
        catch (EngineException error) when (error.Message.Contains("could not choose an IP address to advertise", StringComparison.Ordinal)
            || error.Message.Contains("could not find the system's IP address", StringComparison.Ordinal))
        {
            throw new CliException($"{CommandRunner.Describe(error)} - specify one with --advertise-addr");
        }

        var id = nodeId.Text() ?? "";
        invocation.Out.WriteLine($"Swarm initialized: current node ({id}) is now a manager.\n");
        PrintJoinCommand(invocation, id, worker: true, manager: false);
        invocation.Out.WriteLine($"To add a manager to this swarm, run '{Verb(invocation)} join-token manager' and follow the instructions.");
        if (flags.IsSet("autolock"))
        {
            PrintUnlockCommand(invocation, client.Get("/swarm/unlockkey").Text("UnlockKey"));
        }

        return 0;
    }

    private static int Join(Invocation invocation)
    {
        var flags = invocation.Flags;
        var client = invocation.Context.Client;
        client.Post("/swarm/join", new JsonObject
        {
            ["ListenAddr"] = flags.Text("listen-addr"),
            ["AdvertiseAddr"] = flags.Text("advertise-addr"),
            ["DataPathAddr"] = flags.Text("data-path-addr"),
            ["RemoteAddrs"] = new JsonArray(invocation.Args[0]),
            ["JoinToken"] = flags.Text("token"),
            ["Availability"] = Availability(flags),
        });
        var manager = client.Get("/info").IsTrue("Swarm", "ControlAvailable");
        invocation.Out.WriteLine($"This node joined a swarm as a {(manager ? "manager" : "worker")}.");
        return 0;
    }

    private static string Availability(FlagSet flags)
    {
        if (!flags.Changed("availability"))
        {
            return "";
        }

        var text = flags.Text("availability").ToLowerInvariant();
        return text is "active" or "pause" or "drain"
            ? text
            : throw new CliException($"invalid availability \"{flags.Text("availability")}\", only active, pause and drain are supported");
    }

    private static int Leave(Invocation invocation)
    {
        invocation.Context.Client.Post(invocation.Flags.IsSet("force") ? "/swarm/leave?force=1" : "/swarm/leave");
        invocation.Out.WriteLine("Node left the swarm.");
        return 0;
    }

    private static int JoinToken(Invocation invocation)
    {
        var role = invocation.Args[0];
        if (role is not ("worker" or "manager"))
        {
            throw new CliException($"unknown role {role}");
        }

        var client = invocation.Context.Client;
        var quiet = invocation.Flags.IsSet("quiet");
        var worker = role == "worker";
        var swarm = client.Get("/swarm");
        if (invocation.Flags.IsSet("rotate"))
        {
            Post(client, swarm.At("Spec").ToNode(), swarm, rotateWorker: worker, rotateManager: !worker);
            if (!quiet)
            {
                invocation.Out.WriteLine($"Successfully rotated {role} join token.\n");
            }
        }

        if (quiet)
        {
            invocation.Out.WriteLine(client.Get("/swarm").Text("JoinTokens", worker ? "Worker" : "Manager"));
            return 0;
        }

        PrintJoinCommand(invocation, client.Get("/info").Text("Swarm", "NodeID"), worker, !worker);
        return 0;
    }

    internal static void PrintJoinCommand(Invocation invocation, string nodeId, bool worker, bool manager)
    {
        var client = invocation.Context.Client;
        var address = client.Get($"/nodes/{nodeId}").Text("ManagerStatus", "Addr");
        var tokens = client.Get("/swarm").At("JoinTokens");
        if (address.Length == 0)
        {
            return;
        }

        if (worker)
        {
            invocation.Out.WriteLine(
                $"To add a worker to this swarm, run the following command:\n\n    {Verb(invocation)} join --token {tokens.Text("Worker")} {address}\n");
        }

        if (manager)
        {
            invocation.Out.WriteLine(
                $"To add a manager to this swarm, run the following command:\n\n    {Verb(invocation)} join --token {tokens.Text("Manager")} {address}\n");
        }
    }

    private static int Update(Invocation invocation)
    {
        var flags = invocation.Flags;
        if (!flags.All.Any(flag => flags.Changed(flag.Name)))
        {
            HelpWriter.Write(invocation.Out, invocation.Path, invocation.Command, flags, invocation.Context.Width);
            return 0;
        }

        var client = invocation.Context.Client;
        var swarm = client.Get("/swarm");
        var spec = swarm.At("Spec").ToNode();
        var wasLocked = swarm.IsTrue("Spec", "EncryptionConfig", "AutoLockManagers");
        SwarmSpec.Merge(spec, flags);
        var isLocked = (bool?)spec.Child("EncryptionConfig")["AutoLockManagers"] == true;
        Post(client, spec, swarm);
        invocation.Out.WriteLine("Swarm updated.");
        if (isLocked && !wasLocked)
        {
            PrintUnlockCommand(invocation, client.Get("/swarm/unlockkey").Text("UnlockKey"));
        }

        return 0;
    }

    private static void Post(
        Engine client, JsonNode spec, Json swarm, bool rotateWorker = false, bool rotateManager = false, bool rotateUnlockKey = false) =>
        client.Post(
            $"/swarm/update?rotateManagerToken={Word(rotateManager)}&rotateManagerUnlockKey={Word(rotateUnlockKey)}"
            + $"&rotateWorkerToken={Word(rotateWorker)}&version={swarm.Number("Version", "Index")}",
            spec);

    private static string Word(bool value) => value ? "true" : "false";

    private static int UnlockKey(Invocation invocation)
    {
        var client = invocation.Context.Client;
        var quiet = invocation.Flags.IsSet("quiet");
        if (invocation.Flags.IsSet("rotate"))
        {
            var swarm = client.Get("/swarm");
            if (!swarm.IsTrue("Spec", "EncryptionConfig", "AutoLockManagers"))
            {
                throw new CliException("cannot rotate because autolock is not turned on");
            }

            Post(client, swarm.At("Spec").ToNode(), swarm, rotateUnlockKey: true);
            if (!quiet)
            {
                invocation.Out.WriteLine("Successfully rotated manager unlock key.");
            }
        }

        string key;
        try
        {
            key = client.Get("/swarm/unlockkey").Text("UnlockKey");
        }
        catch (EngineException error)
        {
            throw new CliException($"could not fetch unlock key: {CommandRunner.Describe(error)}");
        }

        if (key.Length == 0)
        {
            throw new CliException("no unlock key is set");
        }

        if (quiet)
        {
            invocation.Out.WriteLine(key);
        }
        else
        {
            PrintUnlockCommand(invocation, key);
        }

        return 0;
    }

    private static void PrintUnlockCommand(Invocation invocation, string key)
    {
        if (key.Length > 0)
        {
            invocation.Out.WriteLine(
                $"To unlock a swarm manager after it restarts, run the `{Verb(invocation)} unlock`\ncommand and provide the following key:\n\n    {key}\n\n"
                + "Remember to store this key in a password manager, since without it you\nwill not be able to restart the manager.");
        }
    }

    private static int Unlock(Invocation invocation)
    {
        var client = invocation.Context.Client;
        switch (client.Get("/info").Text("Swarm", "LocalNodeState"))
        {
            case "inactive" or "":
                throw new CliException("Error: This node is not part of a swarm");
            case "locked":
                break;
            default:
                throw new CliException("Error: swarm is not locked");
        }

        client.Post("/swarm/unlock", new JsonObject { ["UnlockKey"] = ReadUnlockKey(invocation) });
        return 0;
    }

    /// <summary>Asks for the key, or takes the first line of standard input.</summary>
    internal static string ReadUnlockKey(Invocation invocation)
    {
        if (invocation.Context.InputIsTerminal)
        {
            invocation.Out.Write("Please enter unlock key: ");
            invocation.Out.Flush();
        }

        using var reader = new StreamReader(invocation.Context.OpenInput(), Encoding.UTF8);
        return (reader.ReadLine() ?? "").Trim();
    }

    private static int Ca(Invocation invocation)
    {
        var flags = invocation.Flags;
        var client = invocation.Context.Client;
        var swarm = client.Get("/swarm");
        if (!flags.IsSet("rotate"))
        {
            foreach (var name in (ReadOnlySpan<string>)["ca-cert", "ca-key", "cert-expiry", "external-ca"])
            {
                if (flags.Changed(name))
                {
                    throw new CliException($"`--{name}` flag requires the `--rotate` flag to update the CA");
                }
            }

            return PrintRoot(invocation, swarm);
        }

        var spec = swarm.At("Spec").ToNode();
        SwarmSpec.MergeCa(spec, flags);
        var ca = spec.Child("CAConfig");
        if (flags.Changed("ca-key") && !flags.Changed("ca-cert"))
        {
            throw new CliException("the --ca-key flag requires that a --ca-cert flag and an external-ca flag with a url and protocol be provided as well");
        }

        ca.Remove("SigningCACert");
        ca.Remove("SigningCAKey");
        if (flags.Changed("ca-cert"))
        {
            ca["SigningCACert"] = File.ReadAllText(flags.Text("ca-cert"));
        }

        if (flags.Changed("ca-key"))
        {
            ca["SigningCAKey"] = File.ReadAllText(flags.Text("ca-key"));
        }

        if (!flags.Changed("ca-cert"))
        {
            ca["ForceRotate"] = ((ulong?)ca["ForceRotate"] ?? 0) + 1;
        }

        Post(client, spec, swarm);
        if (flags.IsSet("detach"))
        {
            return 0;
        }

        Progress.RootRotation.Wait(invocation.Context, flags.IsSet("quiet"));
        return flags.IsSet("quiet") ? 0 : PrintRoot(invocation, client.Get("/swarm"));
    }

    private static int PrintRoot(Invocation invocation, Json swarm)
    {
        var root = swarm.Text("TLSInfo", "TrustRoot");
        if (root.Length == 0)
        {
            throw new CliException("No CA information available");
        }

        invocation.Out.WriteLine(root.Trim());
        return 0;
    }
}
