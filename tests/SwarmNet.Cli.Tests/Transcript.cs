using System.Globalization;
using System.Text;

namespace SwarmNet.Cli.Tests;

/// <summary>One step of a recorded session of Docker's CLI 28.2.2 (Golden/cli): the command and the exact bytes it wrote.</summary>
/// <param name="Command">As typed, with the program's name.</param>
/// <param name="ExitCode">Its exit code.</param>
/// <param name="Out">Standard output.</param>
/// <param name="Error">Standard error.</param>
/// <param name="At">When it was run, where the recording says.</param>
internal sealed record Transcript(string Command, int ExitCode, string Out, string Error, DateTimeOffset At)
{
    public override string ToString() => Command;

    public string[] Arguments => [.. Specs.ShellWords.Split(Command).Skip(1)];

    public static List<Transcript> Read(string name)
    {
        var steps = new List<Transcript>();
        string? command = null;
        var exitCode = 0;
        var at = default(DateTimeOffset);
        StringBuilder? target = null;
        StringBuilder output = new(), error = new();
        foreach (var line in File.ReadAllLines(Path.Combine(TestContext.CurrentContext.TestDirectory, "Golden", "cli", name)))
        {
            if (line.StartsWith(">>> ", StringComparison.Ordinal))
            {
                Finish();
                command = line[(line.IndexOf("$ ", StringComparison.Ordinal) + 2)..];
                (output, error, target) = (new StringBuilder(), new StringBuilder(), null);
            }
            else if (line.StartsWith("<<< exit ", StringComparison.Ordinal))
            {
                var words = line.Split(' ');
                exitCode = int.Parse(words[2]);
                at = words[3] == "at" ? DateTimeOffset.Parse(words[4], CultureInfo.InvariantCulture) : default;
            }
            else if (line.StartsWith("--- stdout", StringComparison.Ordinal))
            {
                target = output;
            }
            else if (line.StartsWith("--- stderr", StringComparison.Ordinal))
            {
                target = error;
            }
            else
            {
                target?.Append(line).Append('\n');
            }
        }

        Finish();
        return steps;

        void Finish()
        {
            if (command is not null)
            {
                // One blank line separates the steps.
                if (error.Length > 0)
                {
                    error.Length--;
                }

                steps.Add(new Transcript(command, exitCode, output.ToString(), error.ToString(), at));
            }
        }
    }
}
