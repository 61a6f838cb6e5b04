namespace SwarmNet.Raft;

// Keys of the files at rest, changed while the node runs.
public sealed partial class RaftNode
{
    // Whom the disk thread owes an answer.
    private readonly List<TaskCompletionSource<ulong>> _diskAsked = [];

    /// <summary>
    /// Encrypts with <paramref name="key"/> (32 bytes) from now on: when it returns, the log goes on in a file of that key, and so does every
    /// snapshot that begins later. Keep the key where the next start finds it <em>before</em> the call: a crash at any point leaves a folder that
    /// opens with this key first and the older ones after it. The older ones are needed until <see cref="DropOlderDataKeysAsync"/> returns.
    /// </summary>
    /// <exception cref="RaftDiskFullException">There was no space for a new file; the log goes on with the key before, call it again.</exception>
    /// <exception cref="RaftProposalLostException">The node was stopped; whether the key is in use is unknown.</exception>
    public async ValueTask AddDataKeyAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken = default)
    {
        if (key.Length != AesGcmTransform.KeyBytes)
        {
            throw new ArgumentException($"A data key has {AesGcmTransform.KeyBytes} bytes, not {key.Length}.", nameof(key));
        }

        await AskAsync<ulong>(new NodeInput(NodeInputKind.DataKey, Command: key), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Replaces every file that is not written with the newest key (by a snapshot, once the entries in those files are applied here) and forgets the
    /// older keys: when it returns, the folder opens with the newest key alone. Nothing is lost when it is cut short by a crash or cancelled: call it again,
    /// also after a start with several keys. Waits as long as the cluster has no majority to commit what an older file holds.
    /// </summary>
    /// <exception cref="RaftDiskFullException">There was no space for the snapshot; the older keys are still needed.</exception>
    /// <exception cref="RaftProposalLostException">The node was stopped; the older keys may still be needed.</exception>
    public async ValueTask DropOlderDataKeysAsync(CancellationToken cancellationToken = default)
    {
        do
        {
            ulong index = await AskAsync<ulong>(new NodeInput(NodeInputKind.OlderKeys), cancellationToken).ConfigureAwait(false);
            if (index > 0)
            {
                await AskAsync<ulong>(new NodeInput(NodeInputKind.Snapshot, Index: index), cancellationToken).ConfigureAwait(false);
            }
        }
        while (await AskAsync<ulong>(new NodeInput(NodeInputKind.DropOlderKeys), cancellationToken).ConfigureAwait(false) == 0);
    }

    private void AskDisk(KeyWork work, TaskCompletionSource<ulong> completion)
    {
        _diskAsked.Add(completion);
        WriteJob job = NewJob();
        job.KeyWork = work;
        job.Asked = completion;
        Queue(job);
    }

    private void TakeAnswer(WriteJob job)
    {
        if (job.Asked is not { } asked)
        {
            return;
        }

        // Not when a newer key was added meanwhile: its files are still to be made.
        if (job.KeyWork == KeyWork.DropOlder && job.Answer == _transforms.Current.Id)
        {
            _transforms.ForgetOlder();
        }

        _diskAsked.Remove(asked);
        _ = job.Refused is { } refused ? asked.TrySetException(refused)
            : asked.TrySetResult(job.KeyWork == KeyWork.DropOlder ? job.Answer == _transforms.Current.Id ? 1UL : 0 : job.Answer);
    }
}
