using System.Net;
using System.Net.Sockets;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.Grpc;
using SwarmNet.Raft;

namespace SwarmNet.Perf.Raft;

/// <summary>One of our processes: a Raft node behind the calls of <see cref="Api"/>. Arguments: ID CLIENT-ADDRESS FOLDER PEER-ADDRESS...</summary>
internal static class Member
{
    public static async Task RunAsync(string[] arguments)
    {
        ulong id = ulong.Parse(arguments[0]);
        IPEndPoint[] peers = [.. arguments[3..].Select(IPEndPoint.Parse)];
        long fsyncs = 0;
        RaftTransport transport = new(new RaftTransportOptions
        {
            NodeId = id,
            ConnectAsync = async (peer, token) =>
            {
                Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                await socket.ConnectAsync(peers[(int)peer - 1], token);
                return new NetworkStream(socket, ownsSocket: true);
            },
        });
        RaftNode node = await RaftNode.OpenAsync(
            new RaftNodeOptions
            {
                Directory = arguments[2],
                NodeId = id,
                Voters = [1, 2, 3],
                Bootstrap = true,
                Transport = transport,
                SnapshotEntries = 100_000,
                Flush = file =>
                {
                    RandomAccess.FlushToDisk(file);
                    Interlocked.Increment(ref fsyncs);
                },
            },
            new KeyValues());
        transport.Attach(node);
        TcpListener listener = new(peers[(int)id - 1]);
        listener.Start();
        _ = Task.Run(async () =>
        {
            while (true)
            {
                Socket socket = await listener.AcceptSocketAsync();
                socket.NoDelay = true;
                _ = transport.AcceptAsync(new NetworkStream(socket, ownsSocket: true), static peer => peer is >= 1 and <= 3);
            }
        });

        using GrpcServer server = new();
        Empty done = new();
        server.MapUnary(Api.Put, async (request, call) =>
        {
            await node.ProposeAsync(KeyValues.Command(request.TypeUrl, request.Value.Span), call.CancellationToken);
            return done;
        });
        server.MapUnary(Api.Stats, (_, _) => Task.FromResult(new StringValue
        {
            Value = $"{(node.Status.Role == RaftRole.Leader ? 1 : 0)} {Interlocked.Read(ref fsyncs)} {node.Status.Term}",
        }));
        await using GrpcListener client = await GrpcListener.StartAsync(IPEndPoint.Parse(arguments[1]), server, null, null, default);
        await node.Completion;
    }
}
