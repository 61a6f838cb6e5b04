namespace SwarmNet.EngineApi.Runtime;

/// <summary>One process asked for in a container, from its making until nobody asks about it any more.</summary>
internal sealed class ExecSession(string id, string containerId, ExecRequest request, bool hasOutput, bool hasError)
{
    private int claimed;
    private volatile IExecProcess? process;

    public string Id => id;

    public string ContainerId => containerId;

    public ExecRequest Request => request;

    public bool HasOutput => hasOutput;

    public bool HasError => hasError;

    /// <summary>The running process; null before and after.</summary>
    public IExecProcess? Process
    {
        get => process;
        set => process = value;
    }

    /// <summary>Null until it has ended.</summary>
    public int? ExitCode { get; set; }

    /// <summary>True once it has ended, or could not be started.</summary>
    public bool IsFinished { get; set; }

    /// <summary>True for the one caller that may start it.</summary>
    public bool TryClaim() => Interlocked.Exchange(ref claimed, 1) == 0;
}
