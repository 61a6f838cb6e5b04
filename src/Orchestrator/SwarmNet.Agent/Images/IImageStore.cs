namespace SwarmNet.Agent.Images;

/// <summary>The images of this node. Failures throw <see cref="ImageException"/>.</summary>
public interface IImageStore
{
    /// <summary>All images, newest first: a snapshot.</summary>
    IReadOnlyList<ImageRecord> List();

    /// <summary>The image of a name, id, or id prefix; null when there is none. An ambiguous prefix throws.</summary>
    ImageRecord? Find(string reference);

    /// <summary>As <see cref="Find"/>, but throws <c>No such image: …</c>.</summary>
    ImageRecord Inspect(string reference);

    /// <summary>Takes in an archive of <c>docker save</c> or an OCI layout, plain or gzip; one line per name given.</summary>
    Task<IReadOnlyList<LoadedImage>> LoadAsync(Stream archive, CancellationToken cancellationToken);

    /// <summary>Makes an image of a root file system, plain or gzip.</summary>
    /// <param name="archive">The tar archive.</param>
    /// <param name="repository">Name without tag; null for none.</param>
    /// <param name="tag">Tag; <c>latest</c> when null.</param>
    /// <param name="changes">Dockerfile instructions, for example <c>CMD ["sh"]</c>.</param>
    /// <param name="message">Comment in the image's history; may be null.</param>
    /// <param name="cancellationToken">Cancellation.</param>
    Task<ImageRecord> ImportAsync(
        Stream archive, string? repository, string? tag, IEnumerable<string> changes, string? message, CancellationToken cancellationToken);

    /// <summary>Gives an image one more name; a name that another image had moves.</summary>
    Task TagAsync(string reference, string target, CancellationToken cancellationToken);

    /// <summary>Takes a name off, and deletes the image with its last name or when named by id.</summary>
    Task<IReadOnlyList<RemovedImage>> RemoveAsync(string reference, bool force, CancellationToken cancellationToken);
}
