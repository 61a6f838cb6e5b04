using System.Globalization;

namespace SwarmNet.EngineApi.Http;

/// <summary>A version of the API, <c>1.47</c>: the optional prefix of every path.</summary>
internal readonly record struct ApiVersion(int Major, int Minor) : IComparable<ApiVersion>
{
    /// <summary>The newest version answered; clients negotiate down to it.</summary>
    public static ApiVersion Max { get; } = new(1, 47);

    /// <summary>The oldest version answered.</summary>
    public static ApiVersion Min { get; } = new(1, 24);

    /// <summary>Older clients than this get errors as plain text.</summary>
    public static ApiVersion JsonErrors { get; } = new(1, 23);

    public static bool operator <(ApiVersion left, ApiVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(ApiVersion left, ApiVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(ApiVersion left, ApiVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(ApiVersion left, ApiVersion right) => left.CompareTo(right) >= 0;

    /// <summary>Reads a path's first segment, <c>v1.47</c>.</summary>
    public static bool TryParseSegment(ReadOnlySpan<char> segment, out ApiVersion version)
    {
        version = default;
        var dot = segment.IndexOf('.');
        if (segment.Length < 4 || segment[0] != 'v' || dot < 2
            || !int.TryParse(segment[1..dot], NumberStyles.None, CultureInfo.InvariantCulture, out var major)
            || !int.TryParse(segment[(dot + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var minor))
        {
            return false;
        }

        version = new ApiVersion(major, minor);
        return true;
    }

    /// <inheritdoc/>
    public int CompareTo(ApiVersion other) => Major != other.Major ? Major.CompareTo(other.Major) : Minor.CompareTo(other.Minor);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");
}
