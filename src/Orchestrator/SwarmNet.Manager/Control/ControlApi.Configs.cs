using SwarmNet.Protocol;

namespace SwarmNet.Manager.Control;

public sealed partial class ControlApi
{
    private const int ConfigLimitBytes = 1_024_000;

    /// <summary>Creates a config. The stored object.</summary>
    public Task<Config> CreateConfigAsync(ConfigSpec spec, CancellationToken cancellationToken)
    {
        NameRules.CheckFileName(spec.Annotations);
        if (spec.Data.Length is 0 or >= ConfigLimitBytes)
        {
            throw Refuse.Invalid($"config data must be larger than 0 and less than {ConfigLimitBytes} bytes");
        }

        return WriteAsync(
            transaction =>
            {
                var config = new Config { Id = Identifiers.New(), Spec = spec.Clone() };
                transaction.Create(config);
                return config;
            },
            cancellationToken);
    }

    /// <summary>Replaces the labels of a config; empty data counts as unchanged. The stored object.</summary>
    public Task<Config> UpdateConfigAsync(string id, ulong version, ConfigSpec spec, CancellationToken cancellationToken) => WriteAsync(
        transaction =>
        {
            var current = transaction.View.Configs.Get(id) ?? throw Refuse.NotFound($"config {id} not found");
            CheckOnlyLabels(
                current.Spec.Annotations, spec.Annotations, spec.Data.IsEmpty || spec.Data.Equals(current.Spec.Data));
            var config = AtVersion(current.Clone(), version);
            ReplaceLabels(config.Spec.Annotations, spec.Annotations);
            transaction.Update(config);
            return config;
        },
        cancellationToken);

    /// <summary>Removes a config that no service uses. The removed object.</summary>
    public Task<Config> RemoveConfigAsync(string id, CancellationToken cancellationToken) => WriteAsync(
        transaction =>
        {
            var config = transaction.View.Configs.Get(id) ?? throw Refuse.NotFound($"config {id} not found");
            CheckUnused(
                "config",
                config.Spec.Annotations.Name,
                UsersOf(transaction.View, container => container.Configs.Any(reference => reference.ConfigId == id)));
            transaction.Remove(config);
            return config;
        },
        cancellationToken);
}
