namespace SwarmNet.Netlink.Route;

/// <summary>A dummy link: swallows what is sent to it.</summary>
public sealed record DummySpec : LinkSpec
{
    /// <inheritdoc/>
    public override string Kind => "dummy";
}
