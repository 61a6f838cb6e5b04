using System.Globalization;

namespace SwarmNet.EngineApi.Client;

/// <summary>A body in chunks (RFC 9112 §7.1). Each read returns what has come of the current chunk, so that events show at once.</summary>
internal sealed class ChunkedBody : BodyStream
{
    private long _left;
    private bool _betweenChunks = true;
    private bool _first = true;

    public ChunkedBody(HttpConnection connection)
        : base(connection)
    {
    }

    public override int Read(Span<byte> buffer)
    {
        if (AtEnd || buffer.Length == 0)
        {
            return 0;
        }

        if (_betweenChunks && !NextChunk())
        {
            return 0;
        }

        var count = Connection.Read(buffer[..(int)Math.Min(buffer.Length, _left)]);
        if (count == 0)
        {
            throw new EndOfStreamException("the engine closed the connection before its answer was whole");
        }

        _left -= count;
        _betweenChunks = _left == 0;
        return count;
    }

    private bool NextChunk()
    {
        if (!_first)
        {
            Connection.ReadLine();
        }

        _first = false;
        var size = Connection.ReadLine();
        var extension = size.IndexOf(';', StringComparison.Ordinal);
        var digits = (extension < 0 ? size : size[..extension]).Trim();
        if (!long.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out _left) || _left < 0)
        {
            throw new InvalidDataException($"the engine sent a chunk with the size '{digits}', which is no hexadecimal number");
        }

        _betweenChunks = false;
        if (_left > 0)
        {
            return true;
        }

        // Trailer fields, up to the empty line.
        while (Connection.ReadLine().Length > 0)
        {
        }

        AtEnd = true;
        return false;
    }
}
