using Google.Protobuf;
using SwarmNet.Grpc;
using SwarmNet.Manager.Store;

namespace SwarmNet.Manager.Control;

/// <summary>
/// The cluster's control surface: validates a wanted change and stores it (SwarmKit <c>manager/controlapi</c>). Nothing waits for the
/// change to take effect. Throws <see cref="ControlException"/> with Docker's texts. Reading is done on <see cref="ClusterStore.View"/>.
/// </summary>
public sealed partial class ControlApi(ClusterStore store)
{
    /// <summary>Runs <paramref name="change"/> in one transaction; store errors become the refusals that clients know.</summary>
    private async Task<T> WriteAsync<T>(Func<StoreTransaction, T> change, CancellationToken cancellationToken)
        where T : class, IMessage<T>
    {
        try
        {
            var value = await store.UpdateAsync(change, cancellationToken);

            // The stored one carries its version; when somebody has removed it meanwhile, the one that was proposed must do.
            return store.View.Get(value) as T ?? value;
        }
        catch (StoreException e)
        {
            throw Translate(e);
        }
    }

    private static ControlException Translate(StoreException e) => e.Error switch
    {
        StoreError.NameConflict => Refuse.Exists(NameConflictText(e)),
        _ => new ControlException(StatusCode.Unknown, e.Message),
    };

    private static string NameConflictText(StoreException e)
    {
        var name = e.Subject is null ? null : StoreObject.UniqueName(e.Subject);
        return e.Subject switch
        {
            Protocol.Service => $"name conflicts with an existing object: service {name} already exists",
            Protocol.Network => $"network with name {name} already exists",
            Protocol.Secret => $"secret {name} already exists",
            Protocol.Config => $"config {name} already exists",
            _ => e.Message,
        };
    }

    /// <summary>Sets the version that the caller read, so that the store refuses a stale update.</summary>
    private static T AtVersion<T>(T clone, ulong version)
        where T : IMessage
    {
        StoreObject.EnsureMeta(clone).Version = new Protocol.Version { Index = version };
        return clone;
    }
}
