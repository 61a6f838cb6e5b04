namespace SwarmNet.Gossip.NetworkDb;

/// <summary>A Lamport clock: sending increments, receiving raises above what was received.</summary>
internal sealed class LamportClock
{
    public ulong Time { get; private set; }

    public ulong Next() => ++Time;

    public void Witness(ulong received)
    {
        if (received >= Time && received < ulong.MaxValue)
        {
            Time = received + 1;
        }
    }
}
