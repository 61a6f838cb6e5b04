using System.Globalization;

namespace SwarmNet.Linux;

/// <summary>Linux signal numbers by name (<c>signal(7)</c>; x86 and ARM numbers, which are the same).</summary>
public static class SignalNames
{
    private const int FirstRealTime = 34;
    private const int Last = 64;
    private const string RealTimePrefix = "RTMIN+";

    private static readonly string[] _names =
    [
        "", "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM", "TERM",
        "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS",
    ];

    /// <summary>The number, 1 to 64, of a signal written as <c>SIGINT</c>, <c>INT</c>, <c>2</c> or <c>RTMIN+3</c>, in any case.</summary>
    /// <returns>False when there is no such signal.</returns>
    public static bool TryParse(string text, out int number)
    {
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number))
        {
            return number is >= 1 and <= Last;
        }

        var name = text.StartsWith("SIG", StringComparison.OrdinalIgnoreCase) ? text[3..] : text;
        if (name.StartsWith(RealTimePrefix, StringComparison.OrdinalIgnoreCase)
            && int.TryParse(name.AsSpan(RealTimePrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var offset))
        {
            number = FirstRealTime + offset;
            return offset <= Last - FirstRealTime;
        }

        number = Array.FindIndex(_names, 1, known => known.Equals(name, StringComparison.OrdinalIgnoreCase));
        return number > 0;
    }
}
