namespace SwarmNet.EngineApi.Client;

/// <summary>A body of a known length, or (length <see cref="long.MaxValue"/>) one that ends when the engine closes.</summary>
internal sealed class SizedBody : BodyStream
{
    private readonly bool _untilClose;
    private long _left;

    public SizedBody(HttpConnection connection, long length)
        : base(connection)
    {
        _left = length;
        _untilClose = length == long.MaxValue;
    }

    public override int Read(Span<byte> buffer)
    {
        if (_left == 0 || buffer.Length == 0)
        {
            return 0;
        }

        var count = Connection.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
        if (count == 0)
        {
            Connection.Reusable = false;
            return _untilClose ? 0 : throw new EndOfStreamException("the engine closed the connection before its answer was whole");
        }

        _left -= count;
        AtEnd = _left == 0;
        return count;
    }
}
