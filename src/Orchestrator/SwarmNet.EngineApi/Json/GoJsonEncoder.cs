using System.Text;
using System.Text.Encodings.Web;

namespace SwarmNet.EngineApi.Json;

/// <summary>
/// Escapes what Go's <c>encoding/json</c> escapes without HTML escaping, and nothing else: control characters, quote,
/// backslash, U+2028 and U+2029. Scripts compare the bytes of Docker's answers.
/// </summary>
internal sealed class GoJsonEncoder : JavaScriptEncoder
{
    private GoJsonEncoder()
    {
    }

    /// <summary>The one instance.</summary>
    public static GoJsonEncoder Instance { get; } = new();

    /// <inheritdoc/>
    public override int MaxOutputCharactersPerInputCharacter => 6;

    /// <inheritdoc/>
    public override bool WillEncode(int unicodeScalar) => unicodeScalar switch
    {
        < 0x20 or '"' or '\\' or 0x2028 or 0x2029 => true,
        >= 0xD800 and <= 0xDFFF => true,
        _ => false,
    };

    /// <inheritdoc/>
    public override unsafe int FindFirstCharacterToEncode(char* text, int textLength)
    {
        for (var i = 0; i < textLength; i++)
        {
            // A pair of surrogates stays as it is; a lone one goes through the replacement in TryEncodeUnicodeScalar.
            if (char.IsHighSurrogate(text[i]) && i + 1 < textLength && char.IsLowSurrogate(text[i + 1]))
            {
                i++;
            }
            else if (WillEncode(text[i]))
            {
                return i;
            }
        }

        return -1;
    }

    /// <inheritdoc/>
    public override unsafe bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        var output = new Span<char>(buffer, bufferLength);
        if (WillEncode(unicodeScalar))
        {
            var shorthand = unicodeScalar switch { '"' => '"', '\\' => '\\', '\n' => 'n', '\r' => 'r', '\t' => 't', '\b' => 'b', '\f' => 'f', _ => '\0' };
            numberOfCharactersWritten = shorthand == 0 ? 6 : 2;
            if (output.Length < numberOfCharactersWritten)
            {
                numberOfCharactersWritten = 0;
                return false;
            }

            output[0] = '\\';
            output[1] = shorthand == 0 ? 'u' : shorthand;
            return shorthand != 0 || unicodeScalar.TryFormat(output[2..], out _, "x4");
        }

        return new Rune(unicodeScalar).TryEncodeToUtf16(output, out numberOfCharactersWritten);
    }
}
