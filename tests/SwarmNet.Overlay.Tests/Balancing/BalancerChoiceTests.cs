namespace SwarmNet.Overlay.Balancing;

/// <summary>Which kind of balancer is taken when nobody says which.</summary>
public sealed class BalancerChoiceTests
{
    [Test]
    public void Nf_tables_is_taken_where_it_works_and_nothing_else_is_tried()
    {
        var asked = new List<BalancerKind>();
        Assert.That(ServiceBalancer.Choose(kind =>
        {
            asked.Add(kind);
            return null;
        }), Is.EqualTo(BalancerKind.NfTables));
        Assert.That(asked, Is.EqualTo(new[] { BalancerKind.NfTables }));
    }

    [Test]
    public void Ipvs_is_taken_where_nf_tables_lacks_something() =>
        Assert.That(ServiceBalancer.Choose(static kind => kind == BalancerKind.NfTables ? "no maps" : null), Is.EqualTo(BalancerKind.Ipvs));

    [Test]
    public void Where_neither_works_both_obstacles_are_named() => Assert.That(
        static () => ServiceBalancer.Choose(static kind => kind == BalancerKind.NfTables ? "no maps" : "no ip_vs"),
        Throws.TypeOf<OverlayException>().With.Message.EqualTo("This kernel can balance virtual addresses by no means: no maps; no ip_vs."));
}
