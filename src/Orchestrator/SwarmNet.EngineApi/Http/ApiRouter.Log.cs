using Microsoft.Extensions.Logging;

namespace SwarmNet.EngineApi.Http;

internal sealed partial class ApiRouter
{
    [LoggerMessage(EventId = 7001, Level = LogLevel.Error, Message = "{Method} {Path} failed")]
    private static partial void LogFailed(ILogger logger, string method, string path, Exception error);

    [LoggerMessage(EventId = 7002, Level = LogLevel.Warning, Message = "The answer to {Path} broke off")]
    private static partial void LogBroken(ILogger logger, string path, Exception error);
}
