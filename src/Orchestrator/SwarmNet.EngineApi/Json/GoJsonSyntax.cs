namespace SwarmNet.EngineApi.Json;

/// <summary>
/// Checks JSON text (RFC 8259) and words the first error as Go's <c>encoding/json</c> scanner does, because clients and
/// scripts see that sentence.
/// </summary>
internal ref struct GoJsonSyntax
{
    // Deeper nesting than any request has; bounds the recursion.
    private const int MaxDepth = 60;

    private readonly ReadOnlySpan<byte> text;
    private int at;
    private string? error;

    private GoJsonSyntax(ReadOnlySpan<byte> text) => this.text = text;

    /// <summary>The error of <paramref name="text"/>, null when it is exactly one JSON value.</summary>
    /// <param name="text">The text, UTF-8.</param>
    /// <param name="endError">What to say when the text ends too early.</param>
    public static string? Check(ReadOnlySpan<byte> text, string endError = "unexpected end of JSON input")
    {
        var scanner = new GoJsonSyntax(text);
        if (scanner.Value(0))
        {
            scanner.SkipSpace();
            if (scanner.at < text.Length)
            {
                scanner.Fail("after top-level value");
            }
        }

        return scanner.error is "" ? endError : scanner.error;
    }

    private bool Value(int depth)
    {
        SkipSpace();
        if (depth > MaxDepth)
        {
            error = "exceeded max depth";
            return false;
        }

        return Peek() switch
        {
            (byte)'{' => Object(depth),
            (byte)'[' => Array(depth),
            (byte)'"' => String(),
            (byte)'t' => Literal("true"u8),
            (byte)'f' => Literal("false"u8),
            (byte)'n' => Literal("null"u8),
            (byte)'-' or (>= (byte)'0' and <= (byte)'9') => Number(),
            _ => Fail("looking for beginning of value"),
        };
    }

    private bool Object(int depth)
    {
        at++;
        SkipSpace();
        if (Take('}'))
        {
            return true;
        }

        while (true)
        {
            SkipSpace();
            if (Peek() != '"')
            {
                return Fail("looking for beginning of object key string");
            }

            if (!String())
            {
                return false;
            }

            SkipSpace();
            if (!Take(':'))
            {
                return Fail("after object key");
            }

            if (!Value(depth + 1))
            {
                return false;
            }

            SkipSpace();
            if (Take('}'))
            {
                return true;
            }

            if (!Take(','))
            {
                return Fail("after object key:value pair");
            }
        }
    }

    private bool Array(int depth)
    {
        at++;
        SkipSpace();
        if (Take(']'))
        {
            return true;
        }

        while (true)
        {
            if (!Value(depth + 1))
            {
                return false;
            }

            SkipSpace();
            if (Take(']'))
            {
                return true;
            }

            if (!Take(','))
            {
                return Fail("after array element");
            }
        }
    }

    private bool String()
    {
        at++;
        while (true)
        {
            switch (Peek())
            {
                case '"':
                    at++;
                    return true;
                case '\\':
                    at++;
                    if (!Escape())
                    {
                        return false;
                    }

                    break;
                case < 0x20: // also the end, which is -1
                    return Fail("in string literal");
                default:
                    at++;
                    break;
            }
        }
    }

    private bool Escape()
    {
        switch (Peek())
        {
            case 'b' or 'f' or 'n' or 'r' or 't' or '\\' or '/' or '"':
                at++;
                return true;
            case 'u':
                at++;
                for (var digit = 0; digit < 4; digit++, at++)
                {
                    if (Peek() is var c && (c < 0 || !Uri.IsHexDigit((char)c)))
                    {
                        return Fail("in \\u hexadecimal character escape");
                    }
                }

                return true;
            default:
                return Fail("in string escape code");
        }
    }

    private bool Number()
    {
        Take('-');
        if (!Take('0') && !Digits())
        {
            return Fail("in numeric literal");
        }

        if (Take('.') && !Digits())
        {
            return Fail("after decimal point in numeric literal");
        }

        if (Peek() is 'e' or 'E')
        {
            at++;
            if (!Take('+'))
            {
                Take('-');
            }

            if (!Digits())
            {
                return Fail("in exponent of numeric literal");
            }
        }

        return true;
    }

    private bool Digits()
    {
        var start = at;
        while (Peek() is >= '0' and <= '9')
        {
            at++;
        }

        return at > start;
    }

    private bool Literal(ReadOnlySpan<byte> word)
    {
        for (var i = 0; i < word.Length; i++, at++)
        {
            if (Peek() != word[i])
            {
                return Fail($"in literal {System.Text.Encoding.ASCII.GetString(word)} (expecting '{(char)word[i]}')");
            }
        }

        return true;
    }

    private readonly int Peek() => at < text.Length ? text[at] : -1;

    private bool Take(char wanted)
    {
        if (Peek() != wanted)
        {
            return false;
        }

        at++;
        return true;
    }

    private void SkipSpace()
    {
        while (Peek() is ' ' or '\t' or '\r' or '\n')
        {
            at++;
        }
    }

    // An empty error stands for "the text ended".
    private bool Fail(string context)
    {
        error = Peek() switch
        {
            < 0 => "",
            '\'' => $"invalid character '\\'' {context}",
            '"' => $"invalid character '\"' {context}",
            var c and (< 0x20 or 0x7f) => $"invalid character '{Control(c)}' {context}",
            var c => $"invalid character '{(char)c}' {context}",
        };
        return false;
    }

    private static string Control(int c) => c switch
    {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        '\b' => "\\b",
        '\f' => "\\f",
        7 => "\\a",
        11 => "\\v",
        _ => $"\\x{c:x2}",
    };
}
