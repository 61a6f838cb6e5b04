using System.Text.Json;
using SwarmNet.Cli.Specs;

namespace SwarmNet.Cli.Commands.Progress;

/// <summary>Task states in the order a task passes them.</summary>
internal static class TaskState
{
    public const int Running = 9;
    public const int Complete = 10;

    private const int LongestName = 9;

    /// <summary>0 for a state that is not known.</summary>
    public static int Number(string state) => state switch
    {
        "new" => 1,
        "allocated" => 2,
        "pending" => 3,
        "assigned" => 4,
        "accepted" => 5,
        "preparing" => 6,
        "ready" => 7,
        "starting" => 8,
        "running" => Running,
        "complete" => Complete,
        "shutdown" => 11,
        "failed" => 12,
        "rejected" => 13,
        _ => 0,
    };

    public static int Actual(Json task) => Number(task.Text("Status", "State"));

    public static int Desired(Json task) => Number(task.Text("DesiredState"));

    public static bool IsTerminal(int state) => state > Running;

    public static bool IsKnown(Json task) => Actual(task) != 0 && Desired(task) != 0;

    public static bool IsRunning(Json task) => !IsTerminal(Desired(task)) && Actual(task) == Running;

    /// <summary>The task's line: its error, or its state with a bar; nothing for tasks that are on their way out.</summary>
    public static void Show(ProgressDisplay display, string id, Json task, bool rollback, int total)
    {
        if (task.Text("Status", "Err") is { Length: > 0 } error)
        {
            display.Show(id, Formatting.GoText.Ellipsis(error.Replace('\n', ' '), 75));
        }
        else if (!IsTerminal(Desired(task)) && !IsTerminal(Actual(task)))
        {
            var number = Actual(task);
            display.Show(id, task.Text("Status", "State").PadRight(LongestName), rollback ? Running - number : number, total);
        }
    }
}
