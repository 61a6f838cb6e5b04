using System.Buffers;
using Google.Protobuf;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Store;

public sealed partial class ClusterStore
{
    /// <inheritdoc/>
    public void Apply(ulong index, ReadOnlySpan<byte> command)
    {
        var request = InternalRaftRequest.Parser.ParseFrom(command);
        var view = _view;
        var changes = new List<StoreEvent>(request.Action.Count);
        foreach (var action in request.Action)
        {
            var target = StoreObject.Target(action)
                ?? throw new InvalidDataException($"Log entry {index} holds an action on an unknown kind of object.");
            var before = view.Get(target);
            switch (action.Action)
            {
                case StoreAction.Types.Kind.Create or StoreAction.Types.Kind.Update:
                    StoreObject.EnsureMeta(target).Version = new Protocol.Version { Index = index };
                    view = view.Set(target);
                    changes.Add(new StoreEvent(before is null ? StoreEventKind.Created : StoreEventKind.Updated, before, target));
                    break;
                case StoreAction.Types.Kind.Remove when before is not null:
                    view = view.Remove(target);
                    changes.Add(new StoreEvent(StoreEventKind.Removed, before, null));
                    break;
            }
        }

        Publish(view with { Index = index }, changes);
    }

    /// <inheritdoc/>
    public Action<IBufferWriter<byte>> CaptureSnapshot()
    {
        // Neither a view nor an object in it ever changes.
        var view = _view;
        return writer => view.ToSnapshot().WriteTo(writer);
    }

    /// <inheritdoc/>
    public void RestoreSnapshot(ulong index, ReadOnlySequence<byte> snapshot)
    {
        var stored = StoreSnapshot.Parser.ParseFrom(snapshot);
        IEnumerable<IMessage> objects =
        [
            .. stored.Nodes, .. stored.Services, .. stored.Networks, .. stored.Tasks,
            .. stored.Clusters, .. stored.Secrets, .. stored.Configs,
        ];
        var view = objects.Aggregate(StoreView.Empty, (view, value) => view.Set(value));
        Publish(view with { Index = stored.VersionIndex }, [new StoreEvent(StoreEventKind.Resync, null, null)]);
    }

    private void Publish(StoreView view, List<StoreEvent> changes)
    {
        lock (_publishLock)
        {
            _view = view;
            foreach (var watcher in _watchers)
            {
                foreach (var change in changes)
                {
                    watcher.Publish(change);
                }
            }
        }
    }
}
