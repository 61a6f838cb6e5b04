namespace SwarmNet.EngineApi.Client;

/// <summary>The engine answered with an error: an HTTP status of 400 or more.</summary>
public sealed class EngineException : Exception
{
    /// <summary>Creates the error of one answer.</summary>
    /// <param name="status">HTTP status code.</param>
    /// <param name="message">The engine's own message, without a prefix.</param>
    public EngineException(int status, string message)
        : base(message) => Status = status;

    /// <summary>HTTP status code.</summary>
    public int Status { get; }
}
