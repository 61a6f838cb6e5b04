using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Control;

/// <summary>References from a container to secrets and configs: well formed, and leading somewhere.</summary>
internal static class ReferenceValidator
{
    public static void CheckSecrets(ContainerSpec container)
    {
        Dictionary<string, string> targets = new(StringComparer.Ordinal);
        foreach (var reference in container.Secrets)
        {
            var hasTarget = reference.TargetCase != SecretReference.TargetOneofCase.None;
            CheckOne("secret", reference.SecretId, reference.SecretName, hasTarget, reference.File, targets);
        }
    }

    public static void CheckConfigs(ContainerSpec container)
    {
        Dictionary<string, string> targets = new(StringComparer.Ordinal);
        foreach (var reference in container.Configs)
        {
            var hasTarget = reference.TargetCase != ConfigReference.TargetOneofCase.None;
            CheckOne("config", reference.ConfigId, reference.ConfigName, hasTarget, reference.File, targets);
        }

        if (container.Privileges?.CredentialSpec is { SourceCase: Privileges.Types.CredentialSpec.SourceOneofCase.Config } credential
            && !container.Configs.Any(reference => reference.Runtime is not null && reference.ConfigId == credential.Config))
        {
            throw Refuse.Invalid(
                $"CredentialSpec references config '{credential.Config}', but that config isn't in config references with RuntimeTarget");
        }
    }

    /// <summary>Every reference must name an object by id and name.</summary>
    public static void CheckTargetsExist(StoreView view, ContainerSpec? container)
    {
        if (container is null)
        {
            return;
        }

        CheckMissing("secret", container.Secrets
            .Where(r => view.Secrets.Get(r.SecretId)?.Spec.Annotations.Name != r.SecretName)
            .Select(r => r.SecretName));
        CheckMissing("config", container.Configs
            .Where(r => view.Configs.Get(r.ConfigId)?.Spec.Annotations.Name != r.ConfigName)
            .Select(r => r.ConfigName));
    }

    private static void CheckOne(
        string kind, string id, string name, bool hasTarget, FileTarget? file, Dictionary<string, string> targets)
    {
        if (id.Length == 0 || name.Length == 0)
        {
            throw Refuse.Invalid($"malformed {kind} reference");
        }

        if (!hasTarget)
        {
            throw Refuse.Invalid($"malformed {kind} reference, no target provided");
        }

        if (file is null)
        {
            return;
        }

        if (file.Name.Length == 0)
        {
            throw Refuse.Invalid($"malformed file {kind} reference, invalid target file name provided");
        }

        if (!targets.TryAdd(file.Name, name))
        {
            throw Refuse.Invalid($"{kind} references '{targets[file.Name]}' and '{name}' have a conflicting target: '{file.Name}'");
        }
    }

    private static void CheckMissing(string kind, IEnumerable<string> missing)
    {
        var names = missing.ToList();
        if (names.Count > 0)
        {
            throw Refuse.Invalid($"{kind}{(names.Count > 1 ? "s" : string.Empty)} not found: {string.Join(", ", names)}");
        }
    }
}
