using System.Net;
using SwarmNet.Netlink.Xfrm;
using SwarmNet.Testing;

namespace SwarmNet.Overlay.Encryption;

public sealed class TransformTests
{
    private static readonly IPAddress _local = IPAddress.Parse("10.99.0.2");
    private static readonly IPAddress _peer = IPAddress.Parse("10.99.0.1");

    [Test]
    public void A_peer_needs_a_state_per_key_to_receive_one_to_send_and_a_policy()
    {
        TransformSet wanted = Wanted([Key(105), Key(40201), Key(7)], _peer);
        Assert.That(wanted.States.Values.Count(state => state.Destination.Equals(_local)), Is.EqualTo(3));
        XfrmStateSpec send = wanted.States.Values.Single(state => state.Destination.Equals(_peer));
        Assert.Multiple(() =>
        {
            Assert.That(send.Spi, Is.EqualTo(0xc5d10bcf));
            Assert.That(send.Mode, Is.EqualTo(XfrmMode.Transport));
            Assert.That(send.Protocol, Is.EqualTo(50));
            Assert.That(send.RequestId, Is.EqualTo(13681891));
            Assert.That(send.ReplayWindow, Is.Zero);
            Assert.That(send.Mark, Is.Null);
            Assert.That(send.Aead.Algorithm, Is.EqualTo("rfc4106(gcm(aes))"));
            Assert.That(send.Aead.IcvBits, Is.EqualTo(64));
            // The key, then the SPI as salt.
            Assert.That(Convert.ToHexString(send.Aead.Key.Span), Is.EqualTo(string.Concat(Enumerable.Repeat("69", 16)) + "C5D10BCF"));
        });
        XfrmPolicySpec policy = wanted.Policies.Values.Single();
        Assert.Multiple(() =>
        {
            Assert.That(policy.Direction, Is.EqualTo(XfrmDirection.Out));
            Assert.That(policy.Mark, Is.EqualTo(new XfrmMark(0xD0C4E3, 0xffffffff)));
            Assert.That(policy.Selector.Source.ToString(), Is.EqualTo("10.99.0.2/32"));
            Assert.That(policy.Selector.Destination.ToString(), Is.EqualTo("10.99.0.1/32"));
            Assert.That(policy.Selector.Protocol, Is.EqualTo(17));
            Assert.That(policy.Selector.DestinationPort, Is.EqualTo(4789));
            Assert.That(policy.Selector.SourcePort, Is.Null);
            XfrmTemplate template = policy.Templates.Single();
            Assert.That(template.Spi, Is.EqualTo(send.Spi));
            Assert.That(template.Optional, Is.False, "without a state packets are dropped");
            Assert.That(template.RequestId, Is.EqualTo(13681891));
        });
    }

    [Test]
    public void Without_keys_nothing_is_wanted() => Assert.That(Wanted([], _peer).States.Count + Wanted([], _peer).Policies.Count, Is.Zero);

    [Test]
    public void What_is_as_wanted_needs_no_change()
    {
        TransformSet set = Wanted([Key(1), Key(2), Key(3)], _peer);
        Assert.That(Diff(set, set), Is.Empty);
    }

    [Test]
    public void States_come_before_the_policy_that_names_them_and_go_after_it()
    {
        TransformSet one = Wanted([Key(1), Key(2), Key(3)], _peer);
        Assert.That(
            Diff(new TransformSet(), one).Select(change => change.Kind),
            Is.EqualTo(Enumerable.Repeat(TransformChangeKind.AddState, 4).Append(TransformChangeKind.SetPolicy)));
        Assert.That(
            Diff(one, new TransformSet()).Select(change => change.Kind),
            Is.EqualTo(Enumerable.Repeat(TransformChangeKind.DeleteState, 4).Prepend(TransformChangeKind.DeletePolicy)));
    }

    [Test]
    public void An_altered_state_and_a_worn_one_are_made_anew()
    {
        TransformSet wanted = Wanted([Key(1)], _peer);
        TransformSet found = Wanted([Key(1)], _peer);
        XfrmStateSpec send = found.States.Values.Single(state => state.Destination.Equals(_peer));
        found.States[send.Id] = send with { ReplayWindow = 32 };
        Assert.That(Diff(found, wanted), Is.EqualTo(new[] { new TransformChange(TransformChangeKind.RenewState, send, null) }));

        found.States[send.Id] = send;
        TransformKernel.Add(found, new XfrmStateEntry { Spec = send, Packets = 1L << 31 });
        Assert.That(Diff(found, wanted), Is.Empty, "half of the sequence numbers are left");
        TransformKernel.Add(found, new XfrmStateEntry { Spec = send, Packets = uint.MaxValue - 100 });
        Assert.That(Diff(found, wanted), Is.EqualTo(new[] { new TransformChange(TransformChangeKind.RenewState, send, null) }));
    }

    [Test]
    public void A_key_that_the_kernel_does_not_show_counts_as_the_same()
    {
        TransformSet wanted = Wanted([Key(1)], _peer);
        TransformSet found = Wanted([Key(1)], _peer);
        foreach ((XfrmStateId id, XfrmStateSpec state) in found.States)
        {
            found.States[id] = state with { Aead = new XfrmAead(XfrmAead.AesGcm, new byte[20], 64) };
        }

        Assert.That(Diff(found, wanted), Is.Empty);
        foreach ((XfrmStateId id, XfrmStateSpec state) in found.States)
        {
            found.States[id] = state with { Aead = new XfrmAead(XfrmAead.AesGcm, new byte[20], 96) };
        }

        Assert.That(Diff(found, wanted), Has.Count.EqualTo(2), "its other properties are compared");
    }

    [Test]
    public void States_of_others_are_not_ours()
    {
        XfrmStateSpec state = Wanted([Key(1)], _peer).States.Values.First();
        var set = new TransformSet();
        TransformKernel.Add(set, new XfrmStateEntry { Spec = state with { RequestId = 1 } });
        Assert.That(set.States, Is.Empty);
    }

    /// <summary>
    /// Hosts hear of a rotation at any time, and are at any point of applying it: what one sends with is always accepted by the other, as long
    /// as none is two rotations behind. After every single change, not only after all.
    /// </summary>
    [Test]
    public void During_rotations_every_packet_that_is_sent_is_accepted()
    {
        var random = new Random(TestSeed.Next());
        for (int round = 0; round < 200; round++)
        {
            List<TunnelKey> keys = [.. Enumerable.Range(1, 12).Select(tag => Key((uint)tag))];
            (IPAddress Self, IPAddress Other)[] ends = [(_local, _peer), (_peer, _local)];
            int[] generations = [0, 0];
            TransformSet[] kernels = [new(), new()];
            Queue<TransformChange>[] pending = [new(), new()];
            for (int host = 0; host < 2; host++)
            {
                TransformDiff.Apply(kernels[host], Diff(kernels[host], Of(keys, 0, ends[host].Self, ends[host].Other)));
            }

            for (int step = 0; step < 100; step++)
            {
                int host = random.Next(2);
                if (pending[host].TryDequeue(out TransformChange change))
                {
                    TransformDiff.Apply(kernels[host], [change]);
                }
                else if (generations[host] <= generations[1 - host] && generations[host] + 3 < keys.Count && random.Next(4) == 0 && pending[1 - host].Count == 0)
                {
                    generations[host]++;
                    pending[host] = new(Diff(kernels[host], Of(keys, generations[host], ends[host].Self, ends[host].Other)));
                }

                for (int sender = 0; sender < 2; sender++)
                {
                    XfrmPolicySpec policy = kernels[sender].Policies.Values.Single();
                    var id = new XfrmStateId(ends[sender].Other, policy.Templates[0].Spi);
                    Assert.That(kernels[sender].States, Does.ContainKey(id), "what the policy names is there to send with");
                    Assert.That(kernels[1 - sender].States, Does.ContainKey(id), "and there to receive with");
                    Assert.That(kernels[1 - sender].States[id], Is.EqualTo(kernels[sender].States[id]));
                }
            }
        }
    }

    private static TransformSet Of(List<TunnelKey> keys, int generation, IPAddress self, IPAddress other) =>
        TransformSet.Wanted(self, 4789, [keys[generation + 1], keys[generation], keys[generation + 2]], [other]);

    private static TransformSet Wanted(IReadOnlyList<TunnelKey> keys, params IPAddress[] peers) => TransformSet.Wanted(_local, 4789, keys, peers);

    private static List<TransformChange> Diff(TransformSet current, TransformSet wanted) =>
        TransformDiff.Compute(current, wanted, static _ => true, static _ => true);

    private static TunnelKey Key(uint tag) => new(tag, Enumerable.Repeat((byte)tag, TunnelKey.SecretLength).ToArray());
}
