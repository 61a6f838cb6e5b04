using System.Runtime.CompilerServices;
using System.Text;

namespace SwarmNet.Raft.Tests;

/// <summary>
/// Text files of commands, each with the expected output below a line of dashes. SWARMNET_REWRITE_SCRIPTS=1 writes what comes out into them:
/// review it as a diff.
/// </summary>
public class ScriptTests
{
    private const string Separator = "----";

    private static IEnumerable<string> Names => Directory.GetFiles(Folder(), "*.txt").Select(path => Path.GetFileNameWithoutExtension(path)).Order();

    [TestCaseSource(nameof(Names))]
    public void A_script_gives_the_expected_output(string name)
    {
        string path = Path.Combine(Folder(), name + ".txt");
        string expected = File.ReadAllText(path).ReplaceLineEndings("\n");
        string actual = Run(expected);
        if (Environment.GetEnvironmentVariable("SWARMNET_REWRITE_SCRIPTS") == "1")
        {
            File.WriteAllText(path, actual);
            return;
        }

        Assert.That(actual, Is.EqualTo(expected));
    }

    private static string Run(string script)
    {
        ScriptCluster cluster = new();
        StringBuilder result = new();
        foreach (string block in script.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            List<string> commands = [];
            foreach (string line in block.Split('\n').TakeWhile(line => line != Separator).Where(line => line.Length > 0))
            {
                result.Append(line).Append('\n');
                commands.Add(line);
            }

            if (commands.TrueForAll(line => line.StartsWith('#')))
            {
                result.Append('\n');
                continue;
            }

            string output = string.Concat(commands.Where(line => !line.StartsWith('#')).Select(cluster.Execute));
            result.Append(Separator).Append('\n').Append(output.Length == 0 ? "nothing\n" : output).Append('\n');
        }

        return result.ToString();
    }

    private static string Folder([CallerFilePath] string path = "") => Path.GetDirectoryName(path)!;
}
