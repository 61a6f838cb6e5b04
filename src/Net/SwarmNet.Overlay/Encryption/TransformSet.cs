using System.Buffers.Binary;
using System.Net;
using SwarmNet.Netlink.Xfrm;

namespace SwarmNet.Overlay.Encryption;

/// <summary>The IPsec states and policies of the tunnels of a host, as wanted or as found. Pure data.</summary>
internal sealed class TransformSet
{
    /// <summary>Request id and mark of all that is ours: Docker's number.</summary>
    public const uint Id = 0xD0C4E3;

    /// <summary>AES-GCM with a 64-bit integrity check value: what Docker's engine uses.</summary>
    private const int IcvBits = 64;

    private const byte Udp = 17;

    public static readonly XfrmMark Mark = new(Id);

    /// <summary>States by what names them.</summary>
    public Dictionary<XfrmStateId, XfrmStateSpec> States { get; } = [];

    /// <summary>Outgoing policies with our mark, by the packets that they select.</summary>
    public Dictionary<XfrmSelector, XfrmPolicySpec> Policies { get; } = [];

    /// <summary>As wanted: states that are not needed but may stay, such as those that sent until the last rotation.</summary>
    public Dictionary<XfrmStateId, XfrmStateSpec> Spare { get; } = [];

    /// <summary>As found: states that are to be replaced before their sequence numbers run out (<see cref="TransformKernel"/>).</summary>
    public HashSet<XfrmStateId> Worn { get; } = [];

    /// <summary>What a host needs to speak with peers: a state per key to receive with, one to send with, and a policy that names it.</summary>
    /// <param name="local">This host's tunnel end.</param>
    /// <param name="port">UDP port of the tunnels.</param>
    /// <param name="keys">All are accepted, the first one is sent with; none = nothing is wanted.</param>
    /// <param name="peers">Tunnel ends of the other hosts.</param>
    public static TransformSet Wanted(IPAddress local, ushort port, IReadOnlyList<TunnelKey> keys, IEnumerable<IPAddress> peers)
    {
        var wanted = new TransformSet();
        if (keys.Count == 0)
        {
            return wanted;
        }

        foreach (IPAddress peer in peers)
        {
            for (int i = 0; i < keys.Count; i++)
            {
                XfrmStateSpec receive = State(peer, local, keys[i]);
                wanted.States[receive.Id] = receive;
                XfrmStateSpec send = State(local, peer, keys[i]);
                (i == 0 ? wanted.States : wanted.Spare)[send.Id] = send;
            }

            XfrmPolicySpec policy = Policy(local, peer, port, TunnelSpi.Of(local, peer, keys[0].Tag));
            wanted.Policies[policy.Selector] = policy;
        }

        return wanted;
    }

    private static XfrmStateSpec State(IPAddress source, IPAddress destination, TunnelKey key)
    {
        uint spi = TunnelSpi.Of(source, destination, key.Tag);
        byte[] material = new byte[TunnelKey.SecretLength + sizeof(uint)];
        key.Secret.CopyTo(material);
        // RFC 4106 §4: the salt follows the key. Docker: it is the SPI.
        BinaryPrimitives.WriteUInt32BigEndian(material.AsSpan(TunnelKey.SecretLength), spi);
        return new XfrmStateSpec
        {
            Source = source,
            Destination = destination,
            Spi = spi,
            Mode = XfrmMode.Transport,
            RequestId = Id,
            Aead = new XfrmAead(XfrmAead.AesGcm, material, IcvBits),
            // No replay window: a peer that makes its state anew starts counting again.
        };
    }

    private static XfrmPolicySpec Policy(IPAddress local, IPAddress peer, ushort port, uint spi) => new()
    {
        Direction = XfrmDirection.Out,
        Selector = new XfrmSelector { Source = Host(local), Destination = Host(peer), Protocol = Udp, DestinationPort = port },
        Mark = Mark,
        Templates = [new XfrmTemplate { Source = local, Destination = peer, Spi = spi, RequestId = Id, Mode = XfrmMode.Transport }],
    };

    private static IPNetwork Host(IPAddress address) => new(address, address.GetAddressBytes().Length * 8);
}
