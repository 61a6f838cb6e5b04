using SwarmNet.Perf;
using SwarmNet.Perf.DataPlane;

// Arguments: words that choose measurements; none = all.
IMeasurement[] chosen = [.. Measurements.All.Where(m => args.Length == 0 || args.Any(m.Words.Split(' ').Contains))];
if (chosen.Length == 0)
{
    Console.Error.WriteLine("words that choose measurements: " + string.Join(' ', Measurements.All.SelectMany(static m => m.Words.Split(' ')).Distinct()));
    return 2;
}

Console.WriteLine(Row.Heading("ours", "compared with"));
int failures = 0;
foreach (IMeasurement measurement in chosen)
{
    Console.Error.WriteLine(measurement.Words + " ...");
    try
    {
        foreach (Row row in measurement.Run())
        {
            Console.WriteLine(row);
        }
    }
    catch (Exception e)
    {
        failures++;
        Console.WriteLine($"| {measurement.Words} | failed: {e.Message.ReplaceLineEndings(" ").Replace('|', '/')} | | | | LOSES |");
        Console.Error.WriteLine(e);
    }
}

foreach (string note in chosen.Select(static m => m.Note).OfType<string>())
{
    Console.WriteLine("\n" + note);
}

return failures == 0 ? 0 : 1;
