namespace SwarmNet.EngineApi.Client;

/// <summary>No engine answered at the host, or the connection broke before its answer was whole.</summary>
public sealed class EngineUnreachableException : Exception
{
    /// <summary>Creates the error.</summary>
    /// <param name="host">The host that was tried.</param>
    /// <param name="message">One sentence that names the host.</param>
    /// <param name="cause">The error of the socket, if there was one.</param>
    public EngineUnreachableException(EngineHost host, string message, Exception? cause = null)
        : base(message, cause) => Host = host;

    /// <summary>The host that was tried.</summary>
    public EngineHost Host { get; }
}
