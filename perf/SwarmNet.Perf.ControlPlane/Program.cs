using System.Diagnostics;
using System.Globalization;
using SwarmNet.Perf;
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

Console.WriteLine(Row.Heading(ours.Target.Name, peer.Target.Name));
foreach (var row in rows)
{
    Console.WriteLine(row);
}

return 0;

static EngineTarget Target(string[] a) => new(
    a[0], a[1], [.. a[2].Split(',').Select(p => int.Parse(p, CultureInfo.InvariantCulture))], "v1.41", a[3], a[4]);
