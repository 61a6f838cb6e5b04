using System.Text;

namespace SwarmNet.Raft.Tests;

public class WriteAheadLogTests
{
    [Test]
    public void Entries_and_hard_state_come_back()
    {
        using TempFolder folder = new();
        using (WriteAheadLog log = Open(folder, out LogContents empty))
        {
            Assert.That(empty.Entries, Is.Empty);
            log.Append(new HardState(1, 7, 0), [Entry(1, 1), Entry(1, 2)]);
            log.Append(new HardState(2, 8, 2), [Entry(2, 3)]);
        }

        using WriteAheadLog again = Open(folder, out LogContents contents);
        Assert.That(contents.HardState, Is.EqualTo(new HardState(2, 8, 2)));
        Assert.That(contents.Entries.Select(Describe), Is.EqualTo(new[] { "1/1:e1", "1/2:e2", "2/3:e3" }));
        Assert.That(contents.TruncatedBytes, Is.Zero);
    }

    [Test]
    public void A_later_entry_voids_earlier_ones_at_and_after_its_index()
    {
        using TempFolder folder = new();
        using (WriteAheadLog log = Open(folder, out _))
        {
            log.Append(new HardState(1, 7, 0), [Entry(1, 1), Entry(1, 2), Entry(1, 3)]);
            log.Append(new HardState(2, 8, 1), [Entry(2, 2)]);
        }

        using WriteAheadLog again = Open(folder, out LogContents contents);
        Assert.That(contents.Entries.Select(Describe), Is.EqualTo(new[] { "1/1:e1", "2/2:e2" }));
    }

    [Test]
    public void A_tail_torn_at_any_byte_of_the_last_batch_loses_that_batch_and_nothing_else()
    {
        using TempFolder folder = new();
        byte[] whole = WriteThreeBatches(folder, out string path, out int lastBatchOffset);
        for (int length = lastBatchOffset; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            using (WriteAheadLog log = Open(folder, out LogContents contents))
            {
                Assert.That(contents.Entries.Select(entry => entry.Index), Is.EqualTo(new ulong[] { 1, 2 }), $"torn at {length}");
                Assert.That(contents.TruncatedBytes, Is.EqualTo(length - lastBatchOffset));
                log.Append(contents.HardState, [Entry(1, 3)]);
            }

            using WriteAheadLog again = Open(folder, out LogContents repaired);
            Assert.That(repaired.Entries, Has.Count.EqualTo(3), $"appended after a tear at {length}");
        }
    }

    [Test]
    public void A_bit_flip_anywhere_is_refused_with_file_offset_and_advice([Values(0, 3, 7)] int bit)
    {
        using TempFolder folder = new();
        byte[] whole = WriteThreeBatches(folder, out string path, out _);
        for (int offset = 0; offset < whole.Length; offset++)
        {
            byte[] flipped = [.. whole];
            flipped[offset] ^= (byte)(1 << bit);
            File.WriteAllBytes(path, flipped);
            RaftStorageException refused = Assert.Catch<RaftStorageException>(() => Open(folder, out _).Dispose(), $"flipped at {offset}")!;
            Assert.That(refused.Path, Is.EqualTo(path));
            if (offset is < 8 or >= 12)
            {
                Assert.That(refused, Is.InstanceOf<RaftDamagedException>().With.Property(nameof(RaftDamagedException.Offset)).InRange(0, offset));
                Assert.That(refused.Message, Does.Contain(path).And.Contain("at byte").And.Contain("restore the folder from a backup"));
            }
        }
    }

    [Test]
    public void Sectors_of_zeros_in_the_last_batch_are_a_torn_write_but_before_a_later_batch_they_are_damage()
    {
        using TempFolder folder = new();
        string path;
        int lastBatchOffset;
        LogEntry large = new(1, 1, EntryType.Command, Enumerable.Repeat((byte)0x55, 3000).ToArray());
        using (WriteAheadLog log = Open(folder, out _))
        {
            log.Append(new HardState(1, 7, 0), []);
            path = SegmentOf(folder);
            lastBatchOffset = (int)new FileInfo(path).Length;
            log.Append(new HardState(1, 7, 0), [large]);
        }

        byte[] bytes = File.ReadAllBytes(path);
        Array.Clear(bytes, 1024, 512);
        File.WriteAllBytes(path, bytes);
        using (WriteAheadLog log = Open(folder, out LogContents contents))
        {
            Assert.That(contents.Entries, Is.Empty);
            Assert.That(contents.TruncatedBytes, Is.EqualTo(bytes.Length - lastBatchOffset));
            log.Append(contents.HardState, [large]);
            log.Append(contents.HardState, [Entry(1, 2)]);
        }

        bytes = File.ReadAllBytes(path);
        Array.Clear(bytes, 1024, 512);
        File.WriteAllBytes(path, bytes);
        Assert.That(() => Open(folder, out _), Throws.InstanceOf<RaftDamagedException>().With.Message.Contains("is damaged"));
    }

    [Test]
    public void Segments_rotate_and_compaction_drops_whole_ones_below_the_snapshot()
    {
        using TempFolder folder = new();
        using (WriteAheadLog log = Open(folder, out _, segmentBytes: 512))
        {
            for (ulong i = 1; i <= 40; i++)
            {
                log.Append(new HardState(1, 7, i - 1), [Entry(1, i)]);
            }

            int before = log.SegmentCount;
            log.Compact(20);
            Assert.That(log.SegmentCount, Is.LessThan(before).And.GreaterThan(1));
            log.Compact(20);
        }

        using WriteAheadLog again = Open(folder, out LogContents contents, snapshotIndex: 20);
        Assert.That(contents.Entries.Select(entry => entry.Index), Is.EqualTo(Enumerable.Range(21, 20).Select(i => (ulong)i)));
        Assert.That(contents.HardState, Is.EqualTo(new HardState(1, 7, 39)));
    }

    [Test]
    public void A_log_that_starts_after_the_snapshot_or_lacks_a_segment_is_refused()
    {
        using TempFolder folder = new();
        using (WriteAheadLog log = Open(folder, out _, segmentBytes: 512))
        {
            for (ulong i = 1; i <= 40; i++)
            {
                log.Append(new HardState(1, 7, i - 1), [Entry(1, i)]);
            }

            log.Compact(20);
        }

        Assert.That(() => Open(folder, out _), Throws.InstanceOf<RaftDamagedException>().With.Message.Contains("the newest sound snapshot is of entry 0"));
        File.Delete(Directory.GetFiles(folder).Order(StringComparer.Ordinal).ElementAt(1));
        Assert.That(
            () => Open(folder, out _, snapshotIndex: 20),
            Throws.InstanceOf<RaftDamagedException>().With.Message.Contains("does not follow the file before it"));
    }

    [Test]
    public void A_segment_file_that_a_crash_left_without_header_is_removed()
    {
        using TempFolder folder = new();
        using (WriteAheadLog log = Open(folder, out _))
        {
            log.Append(new HardState(1, 7, 0), [Entry(1, 1)]);
        }

        File.WriteAllBytes(folder.Of($"{2:x16}.log"), new byte[17]);
        using WriteAheadLog again = Open(folder, out LogContents contents);
        Assert.That(contents.Entries, Has.Count.EqualTo(1));
        Assert.That(Directory.GetFiles(folder), Has.Length.EqualTo(1));
    }

    [Test]
    public void A_snapshot_from_the_leader_voids_the_log_before_it_also_when_its_mark_was_not_written()
    {
        using TempFolder folder = new();
        using (WriteAheadLog log = Open(folder, out _))
        {
            log.Append(new HardState(1, 7, 0), [Entry(1, 1), Entry(1, 2)]);
        }

        for (int round = 0; round < 2; round++)
        {
            using WriteAheadLog again = Open(folder, out LogContents contents, snapshotIndex: 10, snapshotTerm: 3);
            Assert.That(contents.Entries, Has.Count.EqualTo(round));
            again.Append(new HardState(3, 0, 10), round == 0 ? [Entry(3, 11)] : []);
        }
    }

    [Test]
    public void After_a_failed_fsync_nothing_more_is_accepted()
    {
        using TempFolder folder = new();
        bool broken = false;
        WriteAheadLogOptions options = new()
        {
            Folder = folder,
            NodeId = 7,
            Flush = handle =>
            {
                if (broken)
                {
                    throw new IOException("Input/output error");
                }

                RandomAccess.FlushToDisk(handle);
            },
        };
        using WriteAheadLog log = WriteAheadLog.Open(options, 0, 0, out _);
        broken = true;
        Assert.That(() => log.Append(new HardState(1, 7, 0), [Entry(1, 1)]), Throws.InstanceOf<RaftStorageException>());
        broken = false;
        Assert.That(
            () => log.Append(new HardState(1, 7, 0), [Entry(1, 1)]),
            Throws.InstanceOf<RaftStorageException>().With.Message.Contains("closed since a write failed"));
    }

    [Test]
    public void A_segment_whose_first_record_a_crash_cut_off_gets_the_hard_state_again()
    {
        using TempFolder folder = new();
        HardState state = new(5, 7, 0);
        using (WriteAheadLog log = Open(folder, out _, segmentBytes: 200))
        {
            for (ulong index = 1; index <= 8; index++)
            {
                log.Append(state, [Entry(5, index)]);
            }

            Assert.That(log.SegmentCount, Is.GreaterThan(2));
        }

        string newest = Directory.GetFiles(folder).Order(StringComparer.Ordinal).Last();
        File.WriteAllBytes(newest, File.ReadAllBytes(newest)[..SegmentHeader.Bytes]);
        ulong last;
        using (WriteAheadLog log = Open(folder, out LogContents contents, segmentBytes: 200))
        {
            Assert.That(contents.HardState, Is.EqualTo(state));
            last = log.NextIndex;
            log.Append(state, [Entry(5, last)]);
            log.Compact(last - 1);
            Assert.That(log.SegmentCount, Is.EqualTo(1), "what is left is the segment that lacked it");
        }

        using WriteAheadLog again = Open(folder, out LogContents kept, snapshotIndex: last - 1, snapshotTerm: 5);
        Assert.That(kept.HardState, Is.EqualTo(state), "the vote is not forgotten");
    }

    [Test, Category("Kernel")]
    public void A_full_disk_leaves_the_log_as_it_was_and_the_batch_can_be_tried_again([Values(50, 200_000)] int segmentBytes)
    {
        using TempFolder folder = new();
        using SmallDisk disk = new(folder.Of("disk"), sizeBytes: 1 << 20);
        List<ulong> written = [];
        using (WriteAheadLog log = Open(folder.Of("disk"), out _, segmentBytes))
        {
            string ballast = disk.Fill(leaveBytes: 40 << 10);
            byte[] data = new byte[9_000];
            bool full = false;
            for (ulong index = 1; index <= 30; index++)
            {
                LogEntry entry = new(1, index, EntryType.Command, data);
                try
                {
                    log.Append(new HardState(1, 7, 0), [entry]);
                }
                catch (RaftDiskFullException)
                {
                    full = true;
                    File.Delete(ballast);
                    log.Append(new HardState(1, 7, 0), [entry]);
                    break;
                }
                finally
                {
                    written.Add(index);
                }
            }

            Assert.That(full);
        }

        using WriteAheadLog again = Open(folder.Of("disk"), out LogContents contents, segmentBytes);
        Assert.That(contents.Entries.Select(entry => entry.Index), Is.EqualTo(written));
        Assert.That(contents.TruncatedBytes, Is.Zero);
    }

    [Test]
    public void Another_format_version_is_refused_with_a_sentence()
    {
        using TempFolder folder = new();
        Open(folder, out _).Dispose();
        string path = SegmentOf(folder);
        byte[] bytes = File.ReadAllBytes(path);
        bytes[8] = 2;
        File.WriteAllBytes(path, bytes);
        Assert.That(() => Open(folder, out _), Throws.TypeOf<RaftStorageException>().With.Message.Contains("use the program version that wrote it"));
    }

    private static byte[] WriteThreeBatches(TempFolder folder, out string path, out int lastBatchOffset)
    {
        using WriteAheadLog log = Open(folder, out _);
        log.Append(new HardState(1, 7, 0), [Entry(1, 1)]);
        log.Append(new HardState(1, 7, 1), [Entry(1, 2)]);
        path = SegmentOf(folder);
        lastBatchOffset = (int)new FileInfo(path).Length;
        log.Append(new HardState(1, 7, 2), [Entry(1, 3), Entry(1, 4)]);
        return File.ReadAllBytes(path);
    }

    private static string SegmentOf(TempFolder folder) => Directory.GetFiles(folder).Single();

    private static string Describe(LogEntry entry) => $"{entry.Term}/{entry.Index}:{Encoding.UTF8.GetString(entry.Data.Span)}";

    private static LogEntry Entry(ulong term, ulong index) => new(term, index, EntryType.Command, Encoding.UTF8.GetBytes($"e{index}"));

    private static WriteAheadLog Open(
        string folder, out LogContents contents, int segmentBytes = 1 << 20, ulong snapshotIndex = 0, ulong snapshotTerm = 0) =>
        WriteAheadLog.Open(
            new WriteAheadLogOptions { Folder = folder, NodeId = 7, SegmentBytes = segmentBytes },
            snapshotIndex,
            snapshotIndex > 0 && snapshotTerm == 0 ? 1 : snapshotTerm,
            out contents);
}
