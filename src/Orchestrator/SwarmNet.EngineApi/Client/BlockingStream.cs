namespace SwarmNet.EngineApi.Client;

/// <summary>What streams without length and position have in common.</summary>
internal abstract class BlockingStream : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException("a stream in transit has no length");

    public override long Position
    {
        get => throw new NotSupportedException("a stream in transit has no position");
        set => throw new NotSupportedException("a stream in transit has no position");
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException("a stream in transit has no position");

    public override void SetLength(long value) => throw new NotSupportedException("a stream in transit has no length");
}
