namespace SwarmNet.Overlay.Balancing;

/// <summary>One element of the slot map that comes or goes.</summary>
/// <param name="Frontend">The frontend's identity (a VIP, or protocol and port).</param>
/// <param name="Slot">Slot number, from 0.</param>
/// <param name="Target">The target's identity; unimportant when an element goes.</param>
internal readonly record struct SlotChange(ulong Frontend, int Slot, ulong Target);
