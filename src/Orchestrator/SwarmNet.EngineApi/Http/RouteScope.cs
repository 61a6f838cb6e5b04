namespace SwarmNet.EngineApi.Http;

/// <summary>What a route is about, and so which manager of several answers it.</summary>
internal enum RouteScope
{
    /// <summary>This node: answered here.</summary>
    Node,

    /// <summary>Reads the swarm: answered here, from a store that has all that was acknowledged before.</summary>
    Swarm,

    /// <summary>Reads this node and the swarm: as <see cref="Swarm"/>, and without a leader from what is known.</summary>
    NodeAndSwarm,

    /// <summary>Changes the swarm, or needs what only the leader has: passed on to it.</summary>
    Leader,
}
