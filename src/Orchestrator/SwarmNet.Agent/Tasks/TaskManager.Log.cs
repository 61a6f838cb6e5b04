using Microsoft.Extensions.Logging;

namespace SwarmNet.Agent.Tasks;

internal sealed partial class TaskManager
{
    [LoggerMessage(4101, LogLevel.Warning, "Task {TaskId}: {Step} failed: {Error}")]
    private partial void LogFailed(string taskId, TaskStep step, string error);

    [LoggerMessage(4102, LogLevel.Debug, "Task {TaskId}: {Step} is tried again in a second: {Error}")]
    private partial void LogRetry(string taskId, TaskStep step, string error);

    [LoggerMessage(4103, LogLevel.Warning, "Task {TaskId}: removal is tried again in a second: {Error}")]
    private partial void LogRemoveFailed(string taskId, string error);

    [LoggerMessage(4104, LogLevel.Error, "Task {TaskId}: its status could not be stored and is not reported: {Error}")]
    private partial void LogStatusNotStored(string taskId, string error);
}
