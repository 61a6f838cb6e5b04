namespace SwarmNet.Perf.DataPlane;

/// <summary>
/// One measurement, in a file of its own; list it in <see cref="Measurements"/>. It makes the namespaces it needs and leaves nothing behind,
/// also after a failure.
/// </summary>
internal interface IMeasurement
{
    /// <summary>Words that choose it on the command line, separated by blanks.</summary>
    string Words { get; }

    /// <summary>What the reader of the rows must know; printed below the table.</summary>
    string? Note => null;

    /// <summary>Measures; one row or several.</summary>
    IEnumerable<Row> Run();
}
