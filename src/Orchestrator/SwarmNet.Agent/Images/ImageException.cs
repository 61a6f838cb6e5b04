namespace SwarmNet.Agent.Images;

/// <summary>Why an image operation failed, for the HTTP status of the API.</summary>
public enum ImageError
{
    /// <summary>No such image (404).</summary>
    NotFound,

    /// <summary>The name or the archive is not what it should be (400).</summary>
    Invalid,

    /// <summary>The image is in use, or the name is ambiguous (409).</summary>
    Conflict,
}

/// <summary>An image operation that failed; the message is Docker's where Docker has one.</summary>
public sealed class ImageException(ImageError error, string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The kind of failure.</summary>
    public ImageError Error { get; } = error;
}
