using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace SwarmNet.Grpc;

/// <summary>How a call ended: a code and, unless OK, a sentence.</summary>
/// <param name="Code">The status code.</param>
/// <param name="Detail">The sentence that the caller sees; empty for OK.</param>
public readonly record struct GrpcStatus(StatusCode Code, string Detail)
{
    /// <summary>Success.</summary>
    public static GrpcStatus OK => new(StatusCode.OK, "");

    /// <summary>Reads the two header values <c>grpc-status</c> and <c>grpc-message</c>; false when the code is not a number.</summary>
    public static bool TryParse([NotNullWhen(true)] string? code, string? message, out GrpcStatus status)
    {
        status = default;
        if (!int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        // A code that this version does not know counts as UNKNOWN (grpc/grpc doc/statuscodes.md).
        var known = number is >= 0 and <= (int)StatusCode.Unauthenticated ? (StatusCode)number : StatusCode.Unknown;
        status = new GrpcStatus(known, PercentEncoding.Decode(message ?? ""));
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Detail is { Length: > 0 } ? $"{Code}: {Detail}" : Code.ToString();
}
