using Google.Protobuf.Collections;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Control;

public sealed partial class ControlApi
{
    private const int SecretLimitBytes = 512_000;

    /// <summary>Creates a secret. The stored object, data included.</summary>
    public Task<Secret> CreateSecretAsync(SecretSpec spec, CancellationToken cancellationToken)
    {
        NameRules.CheckFileName(spec.Annotations);
        if (spec.Driver is not null)
        {
            throw string.IsNullOrEmpty(spec.Driver.Name)
                ? Refuse.Invalid("secret driver must have a name")
                : Refuse.Unimplemented($"secret driver {spec.Driver.Name} is not supported: give the secret's data instead");
        }

        if (spec.Data.Length is 0 or >= SecretLimitBytes)
        {
            throw Refuse.Invalid($"secret data must be larger than 0 and less than {SecretLimitBytes} bytes");
        }

        return WriteAsync(
            transaction =>
            {
                var secret = new Secret { Id = Identifiers.New(), Spec = spec.Clone() };
                transaction.Create(secret);
                return secret;
            },
            cancellationToken);
    }

    /// <summary>Replaces the labels of a secret; empty data counts as unchanged. The stored object.</summary>
    public Task<Secret> UpdateSecretAsync(string id, ulong version, SecretSpec spec, CancellationToken cancellationToken) => WriteAsync(
        transaction =>
        {
            var current = transaction.View.Secrets.Get(id) ?? throw Refuse.NotFound($"secret {id} not found");
            CheckOnlyLabels(
                current.Spec.Annotations, spec.Annotations, spec.Data.IsEmpty || spec.Data.Equals(current.Spec.Data));
            var secret = AtVersion(current.Clone(), version);
            ReplaceLabels(secret.Spec.Annotations, spec.Annotations);
            transaction.Update(secret);
            return secret;
        },
        cancellationToken);

    /// <summary>Removes a secret that no service uses. The removed object.</summary>
    public Task<Secret> RemoveSecretAsync(string id, CancellationToken cancellationToken) => WriteAsync(
        transaction =>
        {
            var secret = transaction.View.Secrets.Get(id) ?? throw Refuse.NotFound($"secret {id} not found");
            CheckUnused(
                "secret",
                secret.Spec.Annotations.Name,
                UsersOf(transaction.View, container => container.Secrets.Any(reference => reference.SecretId == id)));
            transaction.Remove(secret);
            return secret;
        },
        cancellationToken);

    private static List<string> UsersOf(StoreView view, Func<ContainerSpec, bool> uses) =>
    [
        .. view.Services.All
            .Where(service => service.Spec.Task?.Container is { } container && uses(container))
            .Select(service => service.Spec.Annotations.Name),
    ];

    private static void CheckUnused(string kind, string name, List<string> users)
    {
        if (users.Count > 0)
        {
            var services = users.Count == 1 ? "service" : "services";
            throw Refuse.Invalid($"{kind} '{name}' is in use by the following {services}: {string.Join(", ", users)}");
        }
    }

    private static void CheckOnlyLabels(Annotations before, Annotations? after, bool sameData)
    {
        if (after?.Name != before.Name || !sameData)
        {
            throw Refuse.Invalid("only updates to Labels are allowed");
        }
    }

    private static void ReplaceLabels(Annotations target, Annotations source)
    {
        MapField<string, string> labels = target.Labels;
        labels.Clear();
        labels.Add(source.Labels);
    }
}
