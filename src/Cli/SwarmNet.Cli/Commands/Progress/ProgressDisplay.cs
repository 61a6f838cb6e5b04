using System.Globalization;
using SwarmNet.Cli.CommandLine;

namespace SwarmNet.Cli.Commands.Progress;

/// <summary>
/// Docker's progress lines (jsonmessage): on a terminal each has its place and is redrawn there, elsewhere each is one more line and bars are
/// left out.
/// </summary>
internal sealed class ProgressDisplay
{
    private readonly TextWriter _out;
    private readonly bool _terminal;
    private readonly bool _bars;
    private readonly bool _quiet;
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal);

    public ProgressDisplay(CliContext context, bool quiet)
    {
        _out = context.Out;
        _terminal = context.OutputIsTerminal;
        _bars = context.Width > 110;
        _quiet = quiet;
    }

    /// <summary>Shows <c>id: action</c>; with a total above 0, a bar.</summary>
    public void Show(string id, string action, long current = 0, long total = 0)
    {
        if (_quiet)
        {
            return;
        }

        if (!_terminal)
        {
            _lines[id] = 0;
            if (total <= 0)
            {
                _out.Write($"{id}: {action}\n");
            }

            return;
        }

        if (!_lines.TryGetValue(id, out var line))
        {
            line = _lines.Count;
            _lines.Add(id, line);
            _out.Write('\n');
        }

        var up = (_lines.Count - line).ToString(CultureInfo.InvariantCulture);
        _out.Write($"\e[{up}A\e[2K\r{id}: {action} {Bar(current, total)}\r\e[{up}B");
        _out.Flush();
    }

    /// <summary>A line of its own; what was drawn before stays.</summary>
    public void Message(string text)
    {
        if (!_quiet)
        {
            _lines.Clear();
            _out.Write(text + "\n");
        }
    }

    public void Flush() => _out.Flush();

    private string Bar(long current, long total)
    {
        if (total <= 0 || !_bars)
        {
            return "";
        }

        var filled = Math.Min(50, (int)((double)current / total * 100) / 2);
        return $"[{new string('=', filled)}>{new string(' ', 50 - filled)}] ";
    }
}
