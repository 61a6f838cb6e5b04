namespace SwarmNet.EngineApi.Client;

/// <summary>The connection itself after an upgrade (attach, exec): both directions raw. Owns the connection.</summary>
internal sealed class HijackedStream : BodyStream
{
    public HijackedStream(HttpConnection connection)
        : base(connection)
    {
    }

    public override bool CanWrite => true;

    public override int Read(Span<byte> buffer) => Connection.Read(buffer);

    public override void Write(ReadOnlySpan<byte> buffer) => Connection.Write(buffer);

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        Connection.Dispose();
    }
}
