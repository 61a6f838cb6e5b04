using Microsoft.Extensions.Logging;

namespace SwarmNet.Raft;

// Event ids 3000 to 3099.
public sealed partial class RaftNode
{
    [LoggerMessage(3000, LogLevel.Information, "Raft node {NodeId:x} is {Role} in term {Term}, leader {LeaderId:x}")]
    private static partial void LogRole(ILogger logger, ulong nodeId, RaftRole role, ulong term, ulong leaderId);

    [LoggerMessage(3001, LogLevel.Information, "Raft node {NodeId:x} took a snapshot at entry {Index}, {LengthBytes} bytes")]
    private static partial void LogSnapshot(ILogger logger, ulong nodeId, ulong index, long lengthBytes);

    [LoggerMessage(3002, LogLevel.Warning, "Raft node {NodeId:x} passes over the snapshot {Path}, which fails its check")]
    private static partial void LogDamagedSnapshot(ILogger logger, ulong nodeId, string path);

    [LoggerMessage(3003, LogLevel.Warning, "Raft node {NodeId:x} removed {LengthBytes} bytes of an unacknowledged write that a crash cut off")]
    private static partial void LogTornTail(ILogger logger, ulong nodeId, long lengthBytes);

    [LoggerMessage(3004, LogLevel.Critical, "Raft node {NodeId:x} stops")]
    private static partial void LogFault(ILogger logger, ulong nodeId, Exception exception);

    [LoggerMessage(3005, LogLevel.Warning, "Raft node {NodeId:x} puts its snapshot off: {Reason}")]
    private static partial void LogSnapshotPutOff(ILogger logger, ulong nodeId, string reason);

    [LoggerMessage(3006, LogLevel.Warning, "Raft node {NodeId:x} forces a new cluster with itself as the only voter, by entry {Index}")]
    private static partial void LogForced(ILogger logger, ulong nodeId, ulong index);

    [LoggerMessage(3007, LogLevel.Error, "Raft node {NodeId:x} waits: {Problem}")]
    private static partial void LogFull(ILogger logger, ulong nodeId, string problem);

    [LoggerMessage(3008, LogLevel.Information, "Raft node {NodeId:x} writes again: its disk has space")]
    private static partial void LogSpaceAgain(ILogger logger, ulong nodeId);
}
