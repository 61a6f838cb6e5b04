using System.Net;
using Microsoft.Extensions.Logging;

namespace SwarmNet.Manager.Dispatcher;

internal sealed partial class DispatcherService
{
    [LoggerMessage(2101, LogLevel.Information, "Node {NodeId} has a session ({SessionId}) from {Peer}.")]
    private partial void NodeRegistered(string nodeId, string sessionId, IPEndPoint? peer);

    [LoggerMessage(2102, LogLevel.Warning, "Node {NodeId} is down: its heartbeat is missing.")]
    private partial void NodeDown(string nodeId);

    [LoggerMessage(2103, LogLevel.Warning, "{Count} nodes without heartbeat could not be marked as down: {Reason}")]
    private partial void NodesNotMarked(int count, string reason);
}
