using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace SwarmNet.Raft.Tests;

public class RaftTransportTests
{
    private static readonly ulong[] s_voters = [1, 2, 3];

    [Test, CancelAfter(60_000)]
    public async Task Three_nodes_over_sockets_replicate_and_a_restarted_one_is_reached_again(CancellationToken cancellationToken)
    {
        await using TransportNetwork network = new();
        await RunClusterAsync(network, cancellationToken);
        // Each of three has a connection to each other, and a restart of one makes new ones: messages share them.
        Assert.That(network.Accepted, Is.InRange(6, 60));
    }

    [Test, CancelAfter(60_000)]
    public async Task The_same_over_mutual_tls(CancellationToken cancellationToken)
    {
        using X509Certificate2 certificate = SelfSigned();
        SslApplicationProtocol protocol = new(RaftTransport.ApplicationProtocol);
        await using TransportNetwork network = new()
        {
            Wrap = async (stream, isClient, token) =>
            {
                SslStream tls = new(stream, leaveInnerStreamOpen: false, (_, remote, _, _) => remote?.GetCertHashString() == certificate.GetCertHashString());
                await (isClient
                    ? tls.AuthenticateAsClientAsync(
                        new SslClientAuthenticationOptions { TargetHost = "raft", ClientCertificates = [certificate], ApplicationProtocols = [protocol] }, token)
                    : tls.AuthenticateAsServerAsync(
                        new SslServerAuthenticationOptions { ServerCertificate = certificate, ClientCertificateRequired = true, ApplicationProtocols = [protocol] }, token));
                return tls.NegotiatedApplicationProtocol == protocol ? tls : throw new IOException("another protocol");
            },
        };
        await RunClusterAsync(network, cancellationToken);
    }

    [Test(Description = "Election timeouts are half a minute here: what is seen before is seen by the end of the connection."), CancelAfter(25_000)]
    public async Task A_leader_whose_process_is_gone_is_missed_at_once(CancellationToken cancellationToken)
    {
        using TempFolder folder = new();
        await using TransportNetwork network = new();
        Dictionary<ulong, RaftTransport> transports = [];
        Dictionary<ulong, RaftNode> nodes = [];
        try
        {
            foreach (ulong id in s_voters)
            {
                transports[id] = network.Create(id);
                RaftNodeOptions options = new()
                {
                    Directory = folder.Of($"{id}"),
                    NodeId = id,
                    Bootstrap = id == 1,
                    Join = id != 1,
                    Transport = transports[id],
                    TickInterval = TimeSpan.FromMilliseconds(20),
                    ElectionTicks = 1500,
                };
                nodes[id] = await RaftNode.OpenAsync(options, new RecordingMachine(), cancellationToken);
                transports[id].Attach(nodes[id]);
                network.Listen(id, transports[id]);
            }

            await nodes[1].ChangeMembershipAsync(
                [new MembershipChange(MembershipChangeType.AddVoter, 2), new MembershipChange(MembershipChangeType.AddVoter, 3)], cancellationToken);
            await UntilAsync(() => transports[2].IsConnected(1) && transports[3].IsConnected(1) && nodes[2].Status.LeaderId == 1 && nodes[3].Status.LeaderId == 1);
            await network.StopListeningAsync(1, transports[1].DisposeAsync);
            await nodes[1].DisposeAsync();
            await UntilAsync(() => nodes[2].Status.LeaderId != 1 && nodes[3].Status.LeaderId != 1);
        }
        finally
        {
            foreach (ulong id in nodes.Keys)
            {
                await nodes[id].DisposeAsync();
                await transports[id].DisposeAsync();
            }
        }

        async Task UntilAsync(Func<bool> condition)
        {
            while (!condition())
            {
                await Task.Delay(5, cancellationToken);
            }
        }
    }

    [Test, CancelAfter(30_000)]
    public async Task A_peer_that_does_not_read_bounds_the_queue_and_blocks_nobody(CancellationToken cancellationToken)
    {
        using StuckStream stuck = new();
        await using RaftTransport transport = new(new RaftTransportOptions
        {
            NodeId = 1,
            MaxQueuedBytes = 1 << 20,
            ConnectAsync = (_, _) => Task.FromResult<Stream>(stuck),
            WriteTimeout = TimeSpan.FromMinutes(1),
        });
        await ConnectedAsync(transport, 2, cancellationToken);
        byte[] data = new byte[10_000];
        for (int i = 0; i < 2_000; i++)
        {
            transport.Send(Append(1, 2, data));
            transport.Flush();
        }

        Assert.That(stuck.Written, Is.LessThan(100), "it takes nothing");
        stuck.Release();
        while (stuck.Written < 100 * data.Length)
        {
            transport.Send(Append(1, 2, data));
            transport.Flush();
            await Task.Delay(1, cancellationToken);
        }

        Assert.That(stuck.Written, Is.LessThan(500L * data.Length), "of 20 MB only what fits was kept");
    }

    [Test, CancelAfter(30_000)]
    public async Task A_peer_that_takes_nothing_for_too_long_is_connected_to_anew(CancellationToken cancellationToken)
    {
        int connections = 0;
        await using RaftTransport transport = new(new RaftTransportOptions
        {
            NodeId = 1,
            ConnectAsync = (_, _) =>
            {
                Interlocked.Increment(ref connections);
                return Task.FromResult<Stream>(new StuckStream());
            },
            WriteTimeout = TimeSpan.FromMilliseconds(20),
            RetryDelay = TimeSpan.FromMilliseconds(1),
        });
        while (Volatile.Read(ref connections) < 3)
        {
            transport.Send(new RaftMessage { Type = RaftMessageType.Heartbeat, From = 1, To = 2 });
            transport.Flush();
            await Task.Delay(1, cancellationToken);
        }
    }

    [Test, CancelAfter(30_000)]
    public async Task Who_may_not_speak_for_a_node_is_not_heard([Values("another id", "another receiver", "another sender", "no greeting", "no message")] string how, CancellationToken cancellationToken)
    {
        using TempFolder folder = new();
        await using TransportNetwork network = new() { MayBe = static id => id == 2 };
        await using RaftTransport transport = network.Create(1);
        await using RaftNode node = await RaftNode.OpenAsync(
            new RaftNodeOptions { Directory = folder, NodeId = 1, Voters = s_voters, Bootstrap = true, Transport = transport }, new RecordingMachine(), cancellationToken);
        transport.Attach(node);
        network.Listen(1, transport);
        await using Stream stream = await network.ConnectAsync(1, cancellationToken);
        byte[] greeting = new byte[Frame.GreetingBytes];
        Frame.WriteGreeting(greeting, how == "another id" ? 3ul : 2, how == "another receiver" ? 4ul : 1);
        greeting[0] = how == "no greeting" ? (byte)'X' : greeting[0];
        System.Buffers.ArrayBufferWriter<byte> frame = new();
        Frame.Write(frame, new RaftMessage { Type = RaftMessageType.Heartbeat, From = how == "another sender" ? 3ul : 2, To = 1, Term = 99 });
        byte[] message = frame.WrittenSpan.ToArray();
        message[4] = how == "no message" ? (byte)99 : message[4];
        await stream.WriteAsync(greeting, cancellationToken);
        await stream.WriteAsync(message, cancellationToken);
        int read = -1;
        try
        {
            read = await stream.ReadAsync(new byte[1], cancellationToken);
        }
        catch (IOException)
        {
            read = 0;
        }

        Assert.That(read, Is.Zero, "the connection is closed");
        await node.GetProgressAsync(cancellationToken);
        Assert.That(node.Status.Term, Is.Not.EqualTo(99));
    }

    [Test, CancelAfter(60_000)]
    public async Task Messages_over_a_socket_allocate_nothing_each(CancellationToken cancellationToken)
    {
        using TempFolder folder = new();
        await using TransportNetwork network = new();
        await using RaftTransport receiver = network.Create(2);
        await using RaftNode node = await RaftNode.OpenAsync(
            new RaftNodeOptions { Directory = folder, NodeId = 2, Join = true, SnapshotEntries = 0, TickInterval = TimeSpan.FromMinutes(1) }, new RecordingMachine(), cancellationToken);
        receiver.Attach(node);
        network.Listen(2, receiver);
        await using RaftTransport sender = network.Create(1, maxQueuedBytes: 128 << 10);
        await ConnectedAsync(sender, 2, cancellationToken);
        const int Messages = 50_000;
        // An answer that the node has no use for.
        RaftMessage message = new() { Type = RaftMessageType.HeartbeatResponse, From = 1, To = 2, Term = 1 };
        long least = long.MaxValue;
        for (int round = 0; round < 5; round++)
        {
            long dropped = sender.CountDropped(2);
            long before = GC.GetTotalAllocatedBytes(precise: true);
            for (int i = 0; i < Messages; i++)
            {
                sender.Send(message);
                sender.Flush();
                if (sender.CountDropped(2) > dropped)
                {
                    // The queue is full: this one again, when the socket has taken some.
                    dropped = sender.CountDropped(2);
                    i--;
                    Thread.Yield();
                }
            }

            least = Math.Min(least, GC.GetTotalAllocatedBytes(precise: true) - before);
        }

        // The whole process, both sides, with all that waits and wakes up meanwhile. One object per message would be 24 bytes at least.
        Assert.That((double)least / Messages, Is.LessThan(8));
    }

    private static async Task RunClusterAsync(TransportNetwork network, CancellationToken cancellationToken)
    {
        using TempFolder folder = new();
        Dictionary<ulong, RaftTransport> transports = [];
        Dictionary<ulong, RaftNode> nodes = [];
        Dictionary<ulong, RecordingMachine> machines = [];
        foreach (ulong id in s_voters)
        {
            await StartAsync(id);
        }

        try
        {
            ulong first = await WriteAsync("first");
            await StopAsync(2);
            string large = new('x', 3 << 20);
            ulong missed = await WriteAsync(large);
            await StartAsync(2);
            ulong last = await WriteAsync("last");
            while (!machines[2].Applied.ContainsKey(last))
            {
                await Task.Delay(5, cancellationToken);
            }

            Assert.That(machines[2].Applied[first], Is.EqualTo("first"));
            Assert.That(machines[2].Applied[missed], Is.EqualTo(large));
        }
        finally
        {
            foreach (ulong id in s_voters.Where(nodes.ContainsKey))
            {
                await StopAsync(id);
            }
        }

        async Task StartAsync(ulong id)
        {
            transports[id] = network.Create(id);
            machines[id] = new RecordingMachine();
            nodes[id] = await RaftNode.OpenAsync(
                new RaftNodeOptions
                {
                    Directory = folder.Of($"{id}"),
                    NodeId = id,
                    Voters = s_voters,
                    Bootstrap = true,
                    Transport = transports[id],
                    TickInterval = TimeSpan.FromMilliseconds(20),
                },
                machines[id],
                cancellationToken);
            transports[id].Attach(nodes[id]);
            network.Listen(id, transports[id]);
        }

        async Task StopAsync(ulong id)
        {
            await nodes[id].DisposeAsync();
            nodes.Remove(id);
            await transports[id].DisposeAsync();
            await network.StopListeningAsync(id);
        }

        async Task<ulong> WriteAsync(string text)
        {
            while (true)
            {
                if (nodes.Values.FirstOrDefault(node => node.Status.Role == RaftRole.Leader) is { } leader)
                {
                    try
                    {
                        return await leader.ProposeAsync(System.Text.Encoding.UTF8.GetBytes(text), cancellationToken);
                    }
                    catch (RaftException)
                    {
                        // The leadership moved; for these texts twice does no harm.
                    }
                }

                await Task.Delay(5, cancellationToken);
            }
        }
    }

    private static async Task ConnectedAsync(RaftTransport transport, ulong peerId, CancellationToken cancellationToken)
    {
        while (!transport.IsConnected(peerId))
        {
            transport.Send(new RaftMessage { Type = RaftMessageType.HeartbeatResponse, From = 1, To = peerId });
            transport.Flush();
            await Task.Delay(1, cancellationToken);
        }
    }

    private static RaftMessage Append(ulong from, ulong to, byte[] data) => new()
    {
        Type = RaftMessageType.AppendEntries,
        From = from,
        To = to,
        Entries = new LogEntry[] { new(0, 1, EntryType.Command, data) },
    };

    private static X509Certificate2 SelfSigned()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=raft", key, HashAlgorithmName.SHA256);
        using X509Certificate2 made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), null);
    }
}
