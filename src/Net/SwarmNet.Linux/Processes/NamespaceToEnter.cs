namespace SwarmNet.Linux;

/// <summary>A namespace for setns(2).</summary>
/// <param name="Descriptor">From <c>/proc/PID/ns/…</c>, a bind mount, or a pidfd. Owned by the caller.</param>
/// <param name="Type">The <c>Libc.CLONE_NEW*</c> flag of its kind.</param>
public readonly record struct NamespaceToEnter(FileDescriptor Descriptor, int Type);
