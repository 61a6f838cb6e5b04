using System.Text.RegularExpressions;
using NUnit.Framework.Api;
using NUnit.Framework.Internal;

namespace SwarmNet.Testing;

/// <summary>The guest's side: <c>dotnet X.Tests.dll RESULTS [PATTERN]</c> runs the assembly's guest tests whose full name matches.</summary>
internal static class GuestProgram
{
    /// <summary>Whether this process is the one inside the guest.</summary>
    internal static bool IsRunning { get; private set; }

    private static int Main(string[] arguments)
    {
        if (arguments.Length is not (1 or 2))
        {
            Console.Error.WriteLine("usage: dotnet X.Tests.dll RESULTS [PATTERN]   (inside tests/tools/vm-run.sh; on the host use dotnet test)");
            return 2;
        }

        IsRunning = true;
        var runner = new NUnitTestAssemblyRunner(new DefaultTestAssemblyBuilder());
        runner.Load(typeof(GuestProgram).Assembly, new Dictionary<string, object>());
        using var report = new GuestReport(arguments[0]);
        runner.Run(report, new GuestFilter(arguments.Length == 2 ? new Regex(arguments[1]) : null));
        return report.HasFailed ? 1 : 0;
    }
}
