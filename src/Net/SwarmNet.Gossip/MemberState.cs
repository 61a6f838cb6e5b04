namespace SwarmNet.Gossip;

/// <summary>What the pool believes of a member. Values are memberlist's, on the wire.</summary>
public enum MemberState
{
    /// <summary>Answers probes.</summary>
    Alive = 0,

    /// <summary>Did not answer lately; dead unless it refutes in time.</summary>
    Suspect = 1,

    /// <summary>Failed.</summary>
    Dead = 2,

    /// <summary>Said goodbye.</summary>
    Left = 3,
}
