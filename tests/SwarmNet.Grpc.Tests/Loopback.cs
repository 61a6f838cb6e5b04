using System.Net;
using System.Net.Sockets;
using Google.Protobuf.WellKnownTypes;

namespace SwarmNet.Grpc;

/// <summary>A server on 127.0.0.1 and a channel to it, in clear text.</summary>
internal sealed class Loopback : IAsyncDisposable
{
    public static readonly Method<StringValue, StringValue> Echo =
        new("test.Echo", "Echo", MethodKind.Unary, StringValue.Parser, StringValue.Parser);

    public static readonly Method<BytesValue, BytesValue> Bytes =
        new("test.Echo", "Bytes", MethodKind.Unary, BytesValue.Parser, BytesValue.Parser);

    public static readonly Method<Int32Value, Int32Value> Count =
        new("test.Echo", "Count", MethodKind.ServerStreaming, Int32Value.Parser, Int32Value.Parser);

    public static readonly Method<Int32Value, Int32Value> Sum =
        new("test.Echo", "Sum", MethodKind.ClientStreaming, Int32Value.Parser, Int32Value.Parser);

    public static readonly Method<StringValue, StringValue> Chat =
        new("test.Echo", "Chat", MethodKind.Duplex, StringValue.Parser, StringValue.Parser);

    private Loopback(GrpcServer server, GrpcListener listener)
    {
        Server = server;
        Listener = listener;
        Channel = ChannelTo(listener.LocalEndPoint);
    }

    public GrpcServer Server { get; }

    public GrpcListener Listener { get; }

    public GrpcChannel Channel { get; }

    public static async Task<Loopback> StartAsync(Action<GrpcServer> map, GrpcServer? server = null)
    {
        server ??= new GrpcServer();
        map(server);
        var listener = await GrpcListener.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), server, null, null, default);
        return new Loopback(server, listener);
    }

    public static GrpcChannel ChannelTo(IPEndPoint endPoint) => new(new GrpcChannelOptions
    {
        Connect = async cancellationToken =>
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(endPoint, cancellationToken);
            return new NetworkStream(socket, ownsSocket: true);
        },
    });

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        await Listener.DisposeAsync();
        Server.Dispose();
    }
}
