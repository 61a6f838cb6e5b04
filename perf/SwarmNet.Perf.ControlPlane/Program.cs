using System.Diagnostics;
using System.Globalization;
using SwarmNet.Perf.ControlPlane;

// Arguments, once per engine, ours first: NAME SOCKET PID,PID,... KILL-COMMAND CLI-COMMAND
if (args.Length != 10)
{
    Console.Error.WriteLine("usage: control-plane NAME SOCKET PIDS KILL CLI   NAME SOCKET PIDS KILL CLI   (ours, then the peer)");
    return 2;
}

using var ours = new Engine(Target(args[..5]));
using var peer = new Engine(Target(args[5..]));
var rows = new List<Row>();
foreach (var (title, goal, lowerIsBetter, measure) in Measurements.All)
{
    Console.Error.WriteLine(title + " ...");
    var a = await measure(ours);
    var b = await measure(peer);
    for (var i = 0; i < a.Length; i++)
    {
        rows.Add(new Row(a[i].Title, a[i].Value, b[i].Value, a[i].Unit, goal, lowerIsBetter));
    }
}

Console.WriteLine($"| measurement | {ours.Target.Name} | {peer.Target.Name} | ratio | goal | result |");
Console.WriteLine("| --- | ---: | ---: | ---: | --- | --- |");
foreach (var row in rows)
{
    Console.WriteLine(row);
}

return 0;

static EngineTarget Target(string[] a) => new(
    a[0], a[1], [.. a[2].Split(',').Select(p => int.Parse(p, CultureInfo.InvariantCulture))], "v1.41", a[3], a[4]);

internal sealed record Row(string Title, double Ours, double Peer, string Unit, double Goal, bool LowerIsBetter)
{
    public override string ToString()
    {
        var ratio = Ours / Peer;
        // Within a tenth of the peer is no difference on a shared machine.
        var gain = LowerIsBetter ? 1 / ratio : ratio;
        var result = gain >= 1.1 ? "WINS" : gain > 1 / 1.1 ? "EVEN" : "LOSES";
        var goal = LowerIsBetter ? $"≤ {Goal:0.##}×" : $"≥ {Goal:0.##}×";
        return string.Create(CultureInfo.InvariantCulture, $"| {Title} | {Ours:0.###} {Unit} | {Peer:0.###} {Unit} | {ratio:0.##} | {goal} | {result} |");
    }
}
