using Google.Protobuf.WellKnownTypes;
using SwarmNet.Grpc;

namespace SwarmNet.Perf.Raft;

/// <summary>The calls. etcd's PutRequest is {1: key, 2: value}, as is Any; of its answer nothing is read.</summary>
internal static class Api
{
    public static readonly Method<Any, Empty> Put = new("etcdserverpb.KV", "Put", MethodKind.Unary, Any.Parser, Empty.Parser);

    /// <summary>Our member's only: "LEADS FSYNCS TERM".</summary>
    public static readonly Method<Empty, StringValue> Stats = new("swarmnet.Perf", "Stats", MethodKind.Unary, Empty.Parser, StringValue.Parser);
}
