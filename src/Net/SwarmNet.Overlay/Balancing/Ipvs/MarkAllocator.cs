namespace SwarmNet.Overlay.Balancing.Ipvs;

/// <summary>Gives the lowest marks that no frontend has.</summary>
internal sealed class MarkAllocator(IEnumerable<IpvsFrontend> frontends)
{
    private HashSet<uint>? _used;
    private uint _next = IpvsFrontend.FirstMark;

    /// <exception cref="OverlayException">All are in use.</exception>
    public uint Next()
    {
        _used ??= [.. frontends.Select(static frontend => frontend.Mark)];
        while (!_used.Add(_next))
        {
            _next += 2;
        }

        return IpvsFrontend.IsOurs(_next)
            ? _next
            : throw new OverlayException($"A namespace can have {IpvsFrontend.MaxFrontends} virtual addresses at most.");
    }
}
