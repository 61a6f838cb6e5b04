using System.Threading.Channels;
using Google.Protobuf;
using SwarmNet.Protocol;

namespace SwarmNet.Manager.Store;

/// <summary>The one writer of a store while its manager leads: changes that wait become log entries, one entry at a time.</summary>
internal sealed class StoreWriter : IAsyncDisposable
{
    private readonly ClusterStore _store;
    private readonly IProposer _proposer;
    private readonly TimeProvider _time;
    private readonly Channel<Pending> _pending = Channel.CreateBounded<Pending>(new BoundedChannelOptions(1024) { SingleReader = true });
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;

    public StoreWriter(ClusterStore store, IProposer proposer, TimeProvider time)
    {
        (_store, _proposer, _time) = (store, proposer, time);
        _loop = Task.Run(WriteLoopAsync);
    }

    public async Task<T> UpdateAsync<T>(Func<StoreTransaction, T> change, CancellationToken cancellationToken)
    {
        var pending = new Pending<T>(change);
        try
        {
            await _pending.Writer.WriteAsync(pending, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw StoreException.NotLeader();
        }

        return await pending.Result.WaitAsync(cancellationToken);
    }

    /// <summary>Ends the loop; changes that wait fail with <see cref="StoreError.NotLeader"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        _stopping.Dispose();
    }

    private async Task WriteLoopAsync()
    {
        var cancellationToken = _stopping.Token;
        Pending? left = null;
        try
        {
            while (left is not null || await _pending.Reader.WaitToReadAsync(cancellationToken))
            {
                left = await WriteEntryAsync(left, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
        finally
        {
            left?.Fail(StoreException.NotLeader());
            _pending.Writer.TryComplete();
            while (_pending.Reader.TryRead(out var pending))
            {
                pending.Fail(StoreException.NotLeader());
            }
        }
    }

    /// <summary>Builds one log entry of the changes that wait, proposes it, answers their callers; the change that did not fit.</summary>
    private async Task<Pending?> WriteEntryAsync(Pending? first, CancellationToken cancellationToken)
    {
        var view = _store.View;
        var request = new InternalRaftRequest();
        var sizeBytes = 0;
        List<Pending> answered = [];
        Pending? left = null;
        while (left is null && (first ?? Read()) is { } pending)
        {
            first = null;
            var transaction = new StoreTransaction(view, _store.View.Index + 1, _time.GetUtcNow());
            if (!pending.TryRun(transaction))
            {
                continue;
            }

            var fits = request.Action.Count + transaction.ActionCount <= StoreTransaction.MaxActions
                && sizeBytes + transaction.SizeBytes <= StoreTransaction.MaxBytes;
            if (fits)
            {
                view = transaction.View;
                sizeBytes += transaction.SizeBytes;
                request.Action.AddRange(transaction.Actions);
                answered.Add(pending);
            }
            else if (request.Action.Count == 0)
            {
                pending.Fail(StoreException.TooLarge());
            }
            else
            {
                // It saw changes that are not stored yet, so it runs again on the next entry's view.
                left = pending;
            }
        }

        await ProposeAsync(request, answered, cancellationToken);
        return left;
    }

    private Pending? Read() => _pending.Reader.TryRead(out var pending) ? pending : null;

    private async Task ProposeAsync(InternalRaftRequest request, List<Pending> answered, CancellationToken cancellationToken)
    {
        try
        {
            if (request.Action.Count > 0)
            {
                await _proposer.ProposeAsync(request.ToByteArray(), cancellationToken);
            }

            foreach (var pending in answered)
            {
                pending.Complete();
            }
        }
        catch (Exception e)
        {
            var failure = e is StoreException ? e : StoreException.NotLeader(e);
            foreach (var pending in answered)
            {
                pending.Fail(failure);
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private abstract class Pending
    {
        /// <summary>Runs the change; false when it threw (its caller has been told).</summary>
        public abstract bool TryRun(StoreTransaction transaction);

        public abstract void Complete();

        public abstract void Fail(Exception exception);
    }

    private sealed class Pending<T>(Func<StoreTransaction, T> change) : Pending
    {
        private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private T? _value;

        public Task<T> Result => _source.Task;

        public override bool TryRun(StoreTransaction transaction)
        {
            try
            {
                _value = change(transaction);
                return true;
            }
            catch (Exception e)
            {
                _source.TrySetException(e);
                return false;
            }
        }

        public override void Complete() => _source.TrySetResult(_value!);

        public override void Fail(Exception exception) => _source.TrySetException(exception);
    }
}
