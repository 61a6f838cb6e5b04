using System.Diagnostics;

namespace SwarmNet.Perf.DataPlane;

/// <summary>Two ways of doing the same, in turn, so that a machine that changes its speed changes it for both.</summary>
internal static class Paired
{
    /// <summary>
    /// One uncounted round, then <paramref name="rounds"/> of ours and the peer's in alternating order; medians of the figures, and the median of
    /// the ratios round by round.
    /// </summary>
    public static Row Run(
        string title, string unit, double goal, bool lowerIsBetter, string peerName, int rounds, Func<double> ours, Func<double> peer,
        bool warmUp = true) =>
        RunMany([title], unit, goal, lowerIsBetter, peerName, rounds, () => [ours()], () => [peer()], warmUp)[0];

    /// <summary>As <see cref="Run"/> where one measurement gives several figures.</summary>
    public static Row[] RunMany(
        string[] titles, string unit, double goal, bool lowerIsBetter, string peerName, int rounds, Func<double[]> ours, Func<double[]> peer,
        bool warmUp = true)
    {
        if (warmUp)
        {
            ours();
            peer();
        }

        var a = new double[rounds][];
        var b = new double[rounds][];
        for (int i = 0; i < rounds; i++)
        {
            if (i % 2 == 0)
            {
                a[i] = ours();
                b[i] = peer();
            }
            else
            {
                b[i] = peer();
                a[i] = ours();
            }
        }

        return [.. titles.Select((title, figure) =>
        {
            IEnumerable<double> mine = a.Select(round => round[figure]);
            IEnumerable<double> other = b.Select(round => round[figure]);
            return new Row(title, Median(mine), Median(other), unit, goal, lowerIsBetter, peerName, Median(mine.Zip(other, static (x, y) => x / y)));
        })];
    }

    public static double Median(IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
    }

    /// <summary>Milliseconds that <paramref name="work"/> takes.</summary>
    public static double Milliseconds(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
