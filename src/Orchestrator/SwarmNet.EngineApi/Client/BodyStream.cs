namespace SwarmNet.EngineApi.Client;

/// <summary>A read-only stream over the body of an answer. Disposing it before its end makes the connection unfit for another request.</summary>
internal abstract class BodyStream : Stream
{
    protected BodyStream(HttpConnection connection) => Connection = connection;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException("the length of a body in transit is not known");

    public override long Position
    {
        get => throw new NotSupportedException("a body in transit has no position");
        set => throw new NotSupportedException("a body in transit has no position");
    }

    protected HttpConnection Connection { get; }

    protected bool AtEnd { get; set; }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("a body in transit has no position");

    public override void SetLength(long value) => throw new NotSupportedException("a body in transit cannot be resized");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("an answer's body cannot be written");

    protected override void Dispose(bool disposing)
    {
        if (!AtEnd)
        {
            Connection.Reusable = false;
        }

        base.Dispose(disposing);
    }
}
