using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace SwarmNet.Raft;

/// <summary>
/// Snapshot files, whole or absent: written aside, synced, renamed, the folder synced. Older ones are kept, so that a damaged file is not the end.
/// Layout, little endian: "SWRAFTSN", u32 version, u32 transform id, u64 node id, u64 index, u64 term, u32 voters, u32 membership bytes,
/// u64 data bytes, voters × u64, membership, data, u32 CRC-32C of all before. The membership is there when it is more than its voters.
/// </summary>
internal sealed class SnapshotStore(string folder, ulong nodeId, PayloadTransforms transforms, Action<SafeFileHandle> flush)
{
    private const int FixedBytes = 56;
    private const uint FormatVersion = 1;
    private const string Suffix = ".snap";

    private readonly Lock _lock = new();
    private readonly List<string> _damaged = [];
    private int _oldSnapshots = 1;

    private static ReadOnlySpan<byte> Magic => "SWRAFTSN"u8;

    /// <summary>The index that the log may be cut at: that of the oldest snapshot kept; 0 = none.</summary>
    public ulong OldestIndex { get; private set; }

    /// <summary>How many stay beside the newest; at least 1. The next one that is written removes what is too many.</summary>
    public int OldSnapshots
    {
        get => Volatile.Read(ref _oldSnapshots);
        set
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
            Volatile.Write(ref _oldSnapshots, value);
        }
    }

    /// <summary>Writes a snapshot; any thread may call it.</summary>
    /// <exception cref="RaftDiskFullException">The disk is full; nothing was written.</exception>
    public void Save(RaftSnapshot snapshot)
    {
        lock (_lock)
        {
            Write(snapshot);
        }
    }

    private void Write(RaftSnapshot snapshot)
    {
        string path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{snapshot.Index:x16}{Suffix}"));
        string temporary = path + ".tmp";
        try
        {
            byte[] file = Encode(snapshot);
            using (SafeFileHandle handle = File.OpenHandle(temporary, FileMode.Create, FileAccess.Write))
            {
                RandomAccess.Write(handle, file, 0);
                flush(handle);
            }

            File.Move(temporary, path, overwrite: true);
            DurableFolder.Sync(folder);
            Prune();
        }
        catch (IOException exception) when (RaftDiskFullException.Is(exception))
        {
            File.Delete(temporary);
            throw new RaftDiskFullException(path, exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new RaftStorageException($"The snapshot {path} could not be written: {exception.Message}", path, exception);
        }
    }

    /// <summary>Makes the folder, and removes what a crash left of a snapshot that was being written.</summary>
    public void Prepare()
    {
        DurableFolder.Create(folder);
        foreach (string leftover in Directory.GetFiles(folder, "*.tmp"))
        {
            File.Delete(leftover);
        }
    }

    /// <summary>The newest sound snapshot; null when there is no file. Paths of damaged ones are added to <paramref name="damaged"/>.</summary>
    /// <exception cref="RaftDamagedException">There are snapshots, but none is sound.</exception>
    /// <exception cref="RaftStorageException">One is of another version or node, or its key is missing.</exception>
    public RaftSnapshot? LoadNewest(List<string> damaged)
    {
        lock (_lock)
        {
            return Newest(damaged);
        }
    }

    /// <summary>
    /// Leaves nothing but the newest snapshot, written with the current key; nothing changes when all are, and the log with them.
    /// </summary>
    /// <param name="index">What it must have at least: the last entry in the log with an older key.</param>
    /// <exception cref="RaftDiskFullException">The disk is full; nothing was changed.</exception>
    /// <exception cref="RaftStorageException">What is written cannot be read back; nothing was removed.</exception>
    public void DropOlderKeys(ulong index)
    {
        lock (_lock)
        {
            List<string> paths = NewestFirst();
            if (OldestIndex >= index && paths.TrueForAll(IsOfCurrentKey))
            {
                return;
            }

            // Read, and read back, before anything goes.
            string kept = paths.Find(path => Load(path)?.Index >= index) ?? throw Unsound(paths[0]);
            if (!IsOfCurrentKey(kept))
            {
                Write(Load(kept)!);
                _ = Load(kept) ?? throw Unsound(kept);
            }

            foreach (string path in paths.Where(path => path != kept))
            {
                File.Delete(path);
            }

            DurableFolder.Sync(folder);
            OldestIndex = IndexOf(kept);
        }
    }

    private bool IsOfCurrentKey(string path)
    {
        Span<byte> start = stackalloc byte[16];
        using SafeFileHandle file = File.OpenHandle(path);
        return RandomAccess.Read(file, start, 0) == start.Length && BinaryPrimitives.ReadUInt32LittleEndian(start[12..]) == transforms.Current.Id;
    }

    private RaftSnapshot? Newest(List<string> damaged)
    {
        List<string> paths = NewestFirst();
        foreach (string path in paths)
        {
            if (Load(path) is { } snapshot)
            {
                OldestIndex = IndexOf(paths[^1]);
                return snapshot;
            }

            damaged.Add(path);
            _damaged.Add(path);
        }

        _damaged.Clear();
        return paths.Count == 0 ? null : throw new RaftDamagedException(
            $"None of the {paths.Count} snapshots in {folder} passes its check, so the node does not start; "
            + "restore the folder from a backup, or remove it and let the node join its cluster anew.", folder);
    }

    private static RaftStorageException Unsound(string path) => new(
        $"The snapshot {path} was written, but now it fails its check: the disk may be failing. Restart to recover from what is sound.", path);

    private static ulong IndexOf(string path) =>
        ulong.TryParse(Path.GetFileNameWithoutExtension(path), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong index) ? index : 0;

    private List<string> NewestFirst()
    {
        List<string> paths = [.. Directory.GetFiles(folder, "*" + Suffix)];
        paths.Sort(static (a, b) => string.CompareOrdinal(b, a));
        return paths;
    }

    private void Prune()
    {
        // One that is damaged is no reserve: what is whole takes its place.
        _damaged.ForEach(File.Delete);
        _damaged.Clear();
        List<string> paths = NewestFirst();
        int last = Math.Min(OldSnapshots, paths.Count - 1);
        for (int i = last + 1; i < paths.Count; i++)
        {
            File.Delete(paths[i]);
        }

        OldestIndex = IndexOf(paths[last]);
    }

    private byte[] Encode(RaftSnapshot snapshot)
    {
        IPayloadTransform transform = transforms.Current;
        byte[] plain = snapshot.Data.ToArray();
        IReadOnlyList<ulong> voters = snapshot.Membership.Voters;
        byte[] membership = snapshot.Membership.IsJoint || snapshot.Membership.Learners.Count > 0 ? snapshot.Membership.ToBytes() : [];
        int membershipOffset = FixedBytes + (voters.Count * sizeof(ulong));
        int dataOffset = membershipOffset + membership.Length;
        byte[] file = new byte[dataOffset + plain.Length + transform.MaxOverheadBytes + sizeof(uint)];
        int dataBytes = transform.Store(snapshot.Index, plain, file.AsSpan(dataOffset, plain.Length + transform.MaxOverheadBytes));
        Magic.CopyTo(file);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(8), FormatVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(12), transform.Id);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(16), nodeId);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(24), snapshot.Index);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(32), snapshot.Term);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(40), (uint)voters.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(44), (uint)membership.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(48), (ulong)dataBytes);
        for (int i = 0; i < voters.Count; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(file.AsSpan(FixedBytes + (i * sizeof(ulong))), voters[i]);
        }

        membership.CopyTo(file, membershipOffset);

        int end = dataOffset + dataBytes;
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(end), Crc32C.Append(0, file.AsSpan(0, end)));
        return file.Length == end + sizeof(uint) ? file : file[..(end + sizeof(uint))];
    }

    private RaftSnapshot? Load(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        if (file.Length < FixedBytes + sizeof(uint) || !file.AsSpan().StartsWith(Magic))
        {
            return null;
        }

        int end = file.Length - sizeof(uint);
        if (BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(end)) != Crc32C.Append(0, file.AsSpan(0, end)))
        {
            return null;
        }

        if (BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(8)) is var version && version != FormatVersion)
        {
            throw new RaftStorageException(
                $"{path} was written in format version {version}, this program reads {FormatVersion}; use the program version that wrote it.", path);
        }

        ulong owner = BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(16));
        if (owner != nodeId)
        {
            throw new RaftStorageException($"{path} belongs to Raft node {owner:x}, not {nodeId:x}; give every node its own folder.", path);
        }

        IPayloadTransform transform = transforms.Find(BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(12)), path);
        return Decode(file.AsMemory(0, end), transform);
    }

    private static RaftSnapshot? Decode(ReadOnlyMemory<byte> file, IPayloadTransform transform)
    {
        ReadOnlySpan<byte> span = file.Span;
        ulong index = BinaryPrimitives.ReadUInt64LittleEndian(span[24..]);
        uint voterCount = BinaryPrimitives.ReadUInt32LittleEndian(span[40..]);
        ulong dataBytes = BinaryPrimitives.ReadUInt64LittleEndian(span[48..]);
        uint membershipBytes = BinaryPrimitives.ReadUInt32LittleEndian(span[44..]);
        ulong membershipOffset = FixedBytes + ((ulong)voterCount * sizeof(ulong));
        ulong dataOffset = membershipOffset + membershipBytes;
        if (dataOffset > (ulong)span.Length || dataBytes != (ulong)span.Length - dataOffset)
        {
            return null;
        }

        ulong[] voters = new ulong[voterCount];
        for (int i = 0; i < voters.Length; i++)
        {
            voters[i] = BinaryPrimitives.ReadUInt64LittleEndian(span[(FixedBytes + (i * sizeof(ulong)))..]);
        }

        RaftMembership? membership = null;
        if (membershipBytes > 0 && !RaftMembership.TryParse(span.Slice((int)membershipOffset, (int)membershipBytes), out membership))
        {
            return null;
        }

        byte[]? data = transform.Load(index, span[(int)dataOffset..]);
        ulong term = BinaryPrimitives.ReadUInt64LittleEndian(span[32..]);
        return data is null ? null : new RaftSnapshot(index, term, membership ?? new RaftMembership(voters), new ReadOnlySequence<byte>(data));
    }
}
