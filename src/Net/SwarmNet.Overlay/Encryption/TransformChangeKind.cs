namespace SwarmNet.Overlay.Encryption;

/// <summary>What a <see cref="TransformChange"/> does.</summary>
internal enum TransformChangeKind
{
    /// <summary>A state that is missing.</summary>
    AddState,

    /// <summary>A state that differs, or is worn: out and in again.</summary>
    RenewState,

    /// <summary>A policy that is missing or differs, in one step.</summary>
    SetPolicy,

    /// <summary>A policy that is not wanted.</summary>
    DeletePolicy,

    /// <summary>A state that is not wanted.</summary>
    DeleteState,
}
