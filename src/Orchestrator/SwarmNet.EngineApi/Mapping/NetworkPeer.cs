namespace SwarmNet.EngineApi.Mapping;

/// <summary>One node on a network.</summary>
internal readonly record struct NetworkPeer(string Name, string Address);
