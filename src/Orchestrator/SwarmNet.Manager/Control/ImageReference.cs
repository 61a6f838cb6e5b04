using System.Text.RegularExpressions;

namespace SwarmNet.Manager.Control;

/// <summary>Whether a text can name an image (distribution <c>reference.ParseNormalizedNamed</c>).</summary>
internal static partial class ImageReference
{
    private const int MaxNameLength = 255;

    public static bool IsValid(string text)
    {
        // 64 hexadecimal digits are an image id, which is no name.
        if (Identifier().IsMatch(text))
        {
            return false;
        }

        var match = Reference().Match(text);
        return match.Success && match.Groups["name"].Length <= MaxNameLength;
    }

    [GeneratedRegex(@"\A[a-f0-9]{64}\z")]
    private static partial Regex Identifier();

    // [domain[:port]/]path[:tag][@digest]. A first component is a domain only when it looks like one; else it must be lower case too.
    [GeneratedRegex(
        """
        \A(?<name>
          (?:(?:localhost|[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)+(?::[0-9]+)?
             |[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?:[0-9]+|\[[a-fA-F0-9:]+\](?::[0-9]+)?)/)?
          [a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)
        (?::[A-Za-z0-9_][A-Za-z0-9_.\-]{0,127})?
        (?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?\z
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.NonBacktracking)]
    private static partial Regex Reference();
}
