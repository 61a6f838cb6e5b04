namespace SwarmNet.Overlay.Balancing;

/// <summary>Idle seconds of a frontend's flows; 0 = the namespace's.</summary>
/// <param name="Tcp">Of an established TCP connection.</param>
/// <param name="Udp">Of UDP flows.</param>
internal readonly record struct FlowSeconds(uint Tcp, uint Udp)
{
    /// <summary>Rounded up to whole seconds.</summary>
    public static FlowSeconds Of(FlowTimeouts? timeouts) => new(Seconds(timeouts?.TcpEstablished), Seconds(timeouts?.Udp));

    public static uint Seconds(TimeSpan? time) => (uint)Math.Ceiling(time?.TotalSeconds ?? 0);
}
