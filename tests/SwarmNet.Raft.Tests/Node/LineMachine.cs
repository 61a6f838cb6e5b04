using System.Buffers;
using System.Globalization;
using System.Text;

namespace SwarmNet.Raft.Tests;

/// <summary>Reads what the crash writer's state machine wrote: lines of index and command.</summary>
internal sealed class LineMachine : IStateMachine
{
    public List<string> Lines { get; } = [];

    public void Apply(ulong index, ReadOnlySpan<byte> command) =>
        Lines.Add(string.Create(CultureInfo.InvariantCulture, $"{index} {Encoding.ASCII.GetString(command)}"));

    public Action<IBufferWriter<byte>> CaptureSnapshot()
    {
        byte[] state = Encoding.ASCII.GetBytes(string.Concat(Lines.Select(line => line + "\n")));
        return writer => writer.Write(state);
    }

    public void RestoreSnapshot(ulong index, ReadOnlySequence<byte> snapshot)
    {
        Lines.Clear();
        Lines.AddRange(Encoding.ASCII.GetString(snapshot).Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
