namespace SwarmNet.Grpc;

/// <summary>What <see cref="Framing.TryReadFrame"/> found at the head of the buffer.</summary>
public enum FrameStatus
{
    /// <summary>The frame is not complete yet; nothing was taken from the buffer.</summary>
    NeedMore,

    /// <summary>One whole frame was taken from the buffer.</summary>
    Frame,

    /// <summary>The announced length is over the limit. Known from the 5-byte prefix alone, before anything is buffered.</summary>
    TooLarge,

    /// <summary>The frame is marked as compressed (or its flag byte is not 0 or 1), which no peer was told that it may send.</summary>
    Compressed,
}
