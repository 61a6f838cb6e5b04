namespace SwarmNet.Perf.Raft;

/// <summary>What happens to a leader.</summary>
internal enum Failure
{
    /// <summary>SIGKILL.</summary>
    Killed,

    /// <summary>SIGSTOP: its connections stay.</summary>
    Stopped,

    /// <summary>Neither hears nor is heard by the other members.</summary>
    CutOff,
}
