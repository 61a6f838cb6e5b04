namespace SwarmNet.EngineApi.Json;

/// <summary>A request body that is no JSON, or not of the shape wanted, in the words of Go's <c>encoding/json</c>.</summary>
internal sealed class GoJsonException(string message) : Exception(message);
