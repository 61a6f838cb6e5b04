namespace SwarmNet.Grpc;

/// <summary>What a caller may say about one call.</summary>
/// <param name="Timeout">Sent as <c>grpc-timeout</c> and enforced here; null waits for ever.</param>
/// <param name="Metadata">Further request headers, lower-case keys.</param>
public readonly record struct CallOptions(TimeSpan? Timeout = null, IReadOnlyList<KeyValuePair<string, string>>? Metadata = null);
