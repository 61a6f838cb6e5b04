namespace SwarmNet.Overlay.Repairs;

/// <summary>
/// Tells drift from the noise of reading. The kernel goes on making room in a large set for a while after the transaction that filled it, and a list that is read
/// meanwhile lacks elements that are there, others at each reading.
/// </summary>
internal static class SteadyReading
{
    /// <summary>Readings at most; making room takes milliseconds, reading a large set takes longer.</summary>
    public const int MaxReadings = 4;

    /// <summary>What two readings in a row agree on; of readings that never agree, what the last two have in common. A reading without a difference is believed at once.</summary>
    /// <param name="read">Lists differences.</param>
    public static List<T> Of<T>(Func<List<T>> read)
        where T : notnull
    {
        List<T> last = read();
        for (int readings = 1; last.Count > 0; readings++)
        {
            var before = last.ToHashSet();
            last = read();
            if (before.SetEquals(last))
            {
                return last;
            }

            if (readings + 1 == MaxReadings)
            {
                last.RemoveAll(difference => !before.Contains(difference));
                return last;
            }
        }

        return last;
    }
}
