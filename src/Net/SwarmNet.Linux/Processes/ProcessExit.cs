namespace SwarmNet.Linux;

/// <summary>How a process ended.</summary>
/// <param name="IsKnown">False for a process that was not our child: only that it ended is known.</param>
/// <param name="Code">Argument of exit(2); 0 when a signal ended it.</param>
/// <param name="Signal">The signal that ended it, or 0.</param>
public readonly record struct ProcessExit(bool IsKnown, int Code, int Signal)
{
    /// <summary>As shells and Docker count: the code, or 128 + signal.</summary>
    public int ShellCode => Signal != 0 ? 128 + Signal : Code;
}
