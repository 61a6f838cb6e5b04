namespace SwarmNet.Overlay.Gateway;

public sealed class SubnetPickerTests
{
    [Test]
    public void The_first_free_candidate_is_172_18()
        => Assert.That(SubnetPicker.Pick(SubnetPicker.DefaultCandidates(), []).ToString(), Is.EqualTo("172.18.0.0/16"));

    [Test]
    public void Routes_inside_or_around_a_candidate_rule_it_out()
    {
        IPv4Prefix[] used = [IPv4Prefix.Parse("172.18.9.0/24"), IPv4Prefix.Parse("172.19.0.0/16"), IPv4Prefix.Parse("172.20.0.0/15")];
        Assert.That(SubnetPicker.Pick(SubnetPicker.DefaultCandidates(), used).ToString(), Is.EqualTo("172.22.0.0/16"));
    }

    [Test]
    public void A_default_route_rules_nothing_out()
        => Assert.That(SubnetPicker.Pick(SubnetPicker.DefaultCandidates(), [IPv4Prefix.Parse("0.0.0.0/0")]).ToString(), Is.EqualTo("172.18.0.0/16"));

    [Test]
    public void After_172_come_the_192_168_subnets()
        => Assert.That(SubnetPicker.Pick(SubnetPicker.DefaultCandidates(), [IPv4Prefix.Parse("172.16.0.0/12")]).ToString(), Is.EqualTo("192.168.0.0/20"));

    [Test]
    public void When_all_are_taken_there_is_none()
        => Assert.That(SubnetPicker.Pick(SubnetPicker.DefaultCandidates(), [IPv4Prefix.Parse("172.16.0.0/12"), IPv4Prefix.Parse("192.168.0.0/16")]), Is.Null);
}
