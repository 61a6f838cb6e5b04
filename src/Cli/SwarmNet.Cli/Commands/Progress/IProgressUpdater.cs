using SwarmNet.Cli.Specs;

namespace SwarmNet.Cli.Commands.Progress;

/// <summary>Shows how far the tasks of one kind of service are.</summary>
internal interface IProgressUpdater
{
    /// <summary>Draws the lines; true when the service is as wanted.</summary>
    /// <param name="service">The service now.</param>
    /// <param name="tasks">Its tasks of the newest spec.</param>
    /// <param name="activeNodes">IDs of nodes that are not down.</param>
    /// <param name="rollback">True while an update is being rolled back.</param>
    bool Update(Json service, IReadOnlyList<Json> tasks, IReadOnlySet<string> activeNodes, bool rollback);
}
