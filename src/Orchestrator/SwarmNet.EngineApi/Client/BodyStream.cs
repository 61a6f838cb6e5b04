namespace SwarmNet.EngineApi.Client;

/// <summary>A read-only stream over the body of an answer. Disposing it before its end makes the connection unfit for another request.</summary>
internal abstract class BodyStream : BlockingStream
{
    protected BodyStream(HttpConnection connection) => Connection = connection;

    public override bool CanWrite => false;

    protected HttpConnection Connection { get; }

    protected bool AtEnd { get; set; }

    public override void Write(ReadOnlySpan<byte> buffer) => throw new NotSupportedException("an answer's body cannot be written");

    protected override void Dispose(bool disposing)
    {
        if (!AtEnd)
        {
            Connection.Reusable = false;
        }

        base.Dispose(disposing);
    }
}
