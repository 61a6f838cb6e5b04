namespace SwarmNet.EngineApi.Mapping;

/// <summary>One task of a service on a network.</summary>
internal readonly record struct NetworkTask(string Name, string EndpointId, string Address, string HostAddress);
