namespace SwarmNet.EngineApi;

/// <summary>A network of this node alone, as <c>GET /networks</c> lists it.</summary>
/// <param name="Id">64 hexadecimal digits.</param>
/// <param name="Name">Name.</param>
/// <param name="Driver"><c>bridge</c>, <c>host</c> or <c>null</c>.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Subnet">In CIDR notation; empty for a network without addresses.</param>
/// <param name="Gateway">The node's own address in it, may be empty.</param>
/// <param name="Options">Driver options.</param>
public sealed record LocalNetwork(
    string Id, string Name, string Driver, DateTimeOffset Created, string Subnet, string Gateway, IReadOnlyDictionary<string, string> Options);
