namespace SwarmNet.Overlay;

/// <summary>An operation on the data plane failed. The message says what was wrong and with which object.</summary>
public class OverlayException : Exception
{
    /// <summary>Creates the exception.</summary>
    public OverlayException(string message, Exception? innerException = null)
        : base(message, innerException)
    {
    }
}
