namespace SwarmNet.EngineApi.Mapping;

/// <summary>A specification that cannot be expressed as an object of the store (moby <c>daemon/cluster/convert</c>): HTTP 400.</summary>
internal sealed class ConversionException(string message) : Exception(message);
