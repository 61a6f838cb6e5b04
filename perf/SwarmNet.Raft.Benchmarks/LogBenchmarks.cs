using BenchmarkDotNet.Attributes;

namespace SwarmNet.Raft.Benchmarks;

/// <summary>Appends to the log on disk (in the temporary folder): with fsync, and without to see our own part.</summary>
[MemoryDiagnoser]
public class LogBenchmarks
{
    private string _folder = "";
    private WriteAheadLog? _log;
    private LogEntry[] _entries = [];
    private ulong _index;

    [Params(1, 64)]
    public int EntriesPerBatch { get; set; }

    [Params(false, true)]
    public bool Fsync { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _folder = Directory.CreateTempSubdirectory("swarmnet-raft-perf-").FullName;
        WriteAheadLogOptions options = new()
        {
            Folder = _folder,
            NodeId = 1,
            Flush = Fsync ? RandomAccess.FlushToDisk : static _ => { },
        };
        _log = WriteAheadLog.Open(options, 0, 0, out _);
        _entries = new LogEntry[EntriesPerBatch];
    }

    [GlobalCleanup]
    public void Cleanup()
    {
        _log?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark]
    public void AppendBatch()
    {
        for (int i = 0; i < _entries.Length; i++)
        {
            _entries[i] = new LogEntry(1, ++_index, EntryType.Command, s_command);
        }

        _log!.Append(new HardState(1, 1, _index - (ulong)_entries.Length), _entries);
        _log.Compact(_index);
    }

    private static readonly byte[] s_command = new byte[256];
}
