using System.Globalization;
using SwarmNet.Agent.Tasks;

namespace SwarmNet.Agent.Executor;

/// <summary>Signals by name, as <c>--stop-signal</c> takes them.</summary>
internal static class StopSignals
{
    private static readonly Dictionary<string, int> Numbers = new(StringComparer.Ordinal)
    {
        ["HUP"] = 1,
        ["INT"] = 2,
        ["QUIT"] = 3,
        ["ILL"] = 4,
        ["TRAP"] = 5,
        ["ABRT"] = 6,
        ["BUS"] = 7,
        ["FPE"] = 8,
        ["KILL"] = 9,
        ["USR1"] = 10,
        ["SEGV"] = 11,
        ["USR2"] = 12,
        ["PIPE"] = 13,
        ["ALRM"] = 14,
        ["TERM"] = 15,
        ["STKFLT"] = 16,
        ["CHLD"] = 17,
        ["CONT"] = 18,
        ["STOP"] = 19,
        ["TSTP"] = 20,
        ["TTIN"] = 21,
        ["TTOU"] = 22,
        ["URG"] = 23,
        ["XCPU"] = 24,
        ["XFSZ"] = 25,
        ["VTALRM"] = 26,
        ["PROF"] = 27,
        ["WINCH"] = 28,
        ["IO"] = 29,
        ["PWR"] = 30,
        ["SYS"] = 31,
    };

    /// <summary>The number of <c>SIGINT</c>, <c>INT</c> or <c>2</c>; SIGTERM for an empty name.</summary>
    public static int Parse(string? name)
    {
        if (string.IsNullOrEmpty(name))
        {
            return LibC.SIGTERM;
        }

        if (int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= 64)
        {
            return number;
        }

        var upper = name.ToUpperInvariant();
        upper = upper.StartsWith("SIG", StringComparison.Ordinal) ? upper[3..] : upper;
        return Numbers.TryGetValue(upper, out var known) ? known
            : upper.StartsWith("RTMIN+", StringComparison.Ordinal) && int.TryParse(upper[6..], out var real) && real is >= 0 and <= 30 ? 34 + real
            : throw new TaskException($"Invalid signal: {name}");
    }
}
