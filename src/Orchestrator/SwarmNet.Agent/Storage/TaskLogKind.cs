namespace SwarmNet.Agent.Storage;

/// <summary>What a record of the task log says; the numbers are on disk.</summary>
internal enum TaskLogKind : byte
{
    /// <summary>Body: the assignment. Sets the task to assigned.</summary>
    Task = 1,

    /// <summary>Body: the status.</summary>
    Status = 2,

    /// <summary>No body: the manager dropped the task.</summary>
    Unassigned = 3,

    /// <summary>No body: everything of the task is gone.</summary>
    Removed = 4,
}
