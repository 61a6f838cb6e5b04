using Google.Protobuf;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Store;

/// <summary>What the seven kinds of store objects have in common; the generated messages share no interface for it.</summary>
internal static class StoreObject
{
    public static string Id(IMessage value) => value switch
    {
        SwarmTask task => task.Id,
        Node node => node.Id,
        Service service => service.Id,
        Network network => network.Id,
        Cluster cluster => cluster.Id,
        Secret secret => secret.Id,
        Config config => config.Id,
        _ => throw NotAnObject(value),
    };

    /// <summary>The name that must be unique in its kind; null where names are not (nodes, tasks).</summary>
    public static string? UniqueName(IMessage value) => value switch
    {
        Service service => service.Spec?.Annotations?.Name,
        Network network => network.Spec?.Annotations?.Name,
        Cluster cluster => cluster.Spec?.Annotations?.Name,
        Secret secret => secret.Spec?.Annotations?.Name,
        Config config => config.Spec?.Annotations?.Name,
        _ => null,
    };

    public static Meta? Meta(IMessage value) => value switch
    {
        SwarmTask task => task.Meta,
        Node node => node.Meta,
        Service service => service.Meta,
        Network network => network.Meta,
        Cluster cluster => cluster.Meta,
        Secret secret => secret.Meta,
        Config config => config.Meta,
        _ => throw NotAnObject(value),
    };

    public static ulong Version(IMessage value) => Meta(value)?.Version?.Index ?? 0;

    /// <summary>The object's metadata, made when missing.</summary>
    public static Meta EnsureMeta(IMessage value) => value switch
    {
        SwarmTask task => task.Meta ??= new Meta(),
        Node node => node.Meta ??= new Meta(),
        Service service => service.Meta ??= new Meta(),
        Network network => network.Meta ??= new Meta(),
        Cluster cluster => cluster.Meta ??= new Meta(),
        Secret secret => secret.Meta ??= new Meta(),
        Config config => config.Meta ??= new Meta(),
        _ => throw NotAnObject(value),
    };

    public static StoreAction ToAction(StoreAction.Types.Kind kind, IMessage value)
    {
        var action = new StoreAction { Action = kind };
        switch (value)
        {
            case SwarmTask task: action.Task = task; break;
            case Node node: action.Node = node; break;
            case Service service: action.Service = service; break;
            case Network network: action.Network = network; break;
            case Cluster cluster: action.Cluster = cluster; break;
            case Secret secret: action.Secret = secret; break;
            case Config config: action.Config = config; break;
            default: throw NotAnObject(value);
        }

        return action;
    }

    public static IMessage? Target(StoreAction action) => action.TargetCase switch
    {
        StoreAction.TargetOneofCase.Task => action.Task,
        StoreAction.TargetOneofCase.Node => action.Node,
        StoreAction.TargetOneofCase.Service => action.Service,
        StoreAction.TargetOneofCase.Network => action.Network,
        StoreAction.TargetOneofCase.Cluster => action.Cluster,
        StoreAction.TargetOneofCase.Secret => action.Secret,
        StoreAction.TargetOneofCase.Config => action.Config,
        _ => null,
    };

    private static ArgumentException NotAnObject(IMessage value) => new($"{value.Descriptor.FullName} is not kept in the store.");
}
