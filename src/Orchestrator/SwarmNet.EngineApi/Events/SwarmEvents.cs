using System.Globalization;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using SwarmNet.EngineApi.Mapping;
using SwarmNet.Manager.Store;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Events;

/// <summary>Turns changes of the store into events of scope <c>swarm</c> (moby <c>daemon/events.go</c>).</summary>
internal static class SwarmEvents
{
    /// <summary>The event of a change; null for objects that Docker tells no events of (tasks, the cluster).</summary>
    public static EngineEvent? Of(in StoreEvent change, DateTimeOffset now)
    {
        var action = change.Kind switch
        {
            StoreEventKind.Created => "create",
            StoreEventKind.Updated => "update",
            StoreEventKind.Removed => "remove",
            _ => null,
        };
        if (action is null || Subject(change.Subject) is not { } subject)
        {
            return null;
        }

        var attributes = new Dictionary<string, string> { ["name"] = subject.Name };
        if (change.Kind == StoreEventKind.Updated)
        {
            switch (change.Before, change.After)
            {
                case (Service before, Service after):
                    Compare(attributes, before, after);
                    break;
                case (Node before, Node after):
                    Compare(attributes, before, after);
                    break;
            }
        }

        var time = change.Kind switch
        {
            StoreEventKind.Created => subject.Meta?.CreatedAt,
            StoreEventKind.Updated => subject.Meta?.UpdatedAt,
            _ => null,
        };
        return new EngineEvent(subject.Type, action, subject.Id, attributes, "swarm", time ?? Timestamp.FromDateTimeOffset(now));
    }

    private static (string Type, string Id, string Name, Meta? Meta)? Subject(IMessage? value) => value switch
    {
        Service service => ("service", service.Id, service.Spec?.Annotations?.Name ?? "", service.Meta),
        Node node => ("node", node.Id, NodeName(node), node.Meta),
        Network network => ("network", network.Id, network.Spec?.Annotations?.Name ?? "", network.Meta),
        Secret { Internal: false } secret => ("secret", secret.Id, secret.Spec?.Annotations?.Name ?? "", secret.Meta),
        Config config => ("config", config.Id, config.Spec?.Annotations?.Name ?? "", config.Meta),
        _ => null,
    };

    private static string NodeName(Node node) =>
        node.Spec?.Annotations is { Name.Length: > 0 } named ? named.Name : node.Description?.Hostname ?? "";

    private static void Compare(Dictionary<string, string> attributes, Service before, Service after)
    {
        Changed(attributes, "image", before.Spec.Task?.Container?.Image ?? "", after.Spec.Task?.Container?.Image ?? "");
        if (before.Spec.Replicated is { } old && after.Spec.Replicated is { } young)
        {
            Changed(
                attributes,
                "replicas",
                old.Replicas.ToString(CultureInfo.InvariantCulture),
                young.Replicas.ToString(CultureInfo.InvariantCulture));
        }

        Changed(
            attributes,
            "updatestate",
            Words.Of(before.UpdateStatus?.State ?? default),
            Words.Of(after.UpdateStatus?.State ?? default));
    }

    private static void Compare(Dictionary<string, string> attributes, Node before, Node after)
    {
        Changed(attributes, "availability", Words.Of(before.Spec.Availability), Words.Of(after.Spec.Availability));
        Changed(attributes, "role", Words.Of(before.Spec.DesiredRole), Words.Of(after.Spec.DesiredRole));
        Changed(attributes, "state", Words.Of(before.Status?.State ?? default), Words.Of(after.Status?.State ?? default));
        if (before.ManagerStatus is { } old && after.ManagerStatus is { } young)
        {
            Changed(attributes, "leader", old.Leader ? "true" : "false", young.Leader ? "true" : "false");
            Changed(attributes, "reachability", Words.Of(old.Reachability), Words.Of(young.Reachability));
        }
    }

    private static void Changed(Dictionary<string, string> attributes, string name, string before, string after)
    {
        if (before == after)
        {
            return;
        }

        if (before.Length > 0)
        {
            attributes[$"{name}.old"] = before;
        }

        if (after.Length > 0)
        {
            attributes[$"{name}.new"] = after;
        }
    }
}
