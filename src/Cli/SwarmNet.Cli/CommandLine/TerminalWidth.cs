using System.Runtime.InteropServices;

namespace SwarmNet.Cli.CommandLine;

/// <summary>Columns of the terminal on standard input, as Docker's CLI asks for them; 80 when there is none.</summary>
internal static partial class TerminalWidth
{
    private const int DefaultColumns = 80;
    private const nuint TIOCGWINSZ = 0x5413;

    public static int OfInput()
    {
        var size = default(WinSize);
        return Ioctl(0, TIOCGWINSZ, ref size) == 0 && size.Columns > 0 ? size.Columns : DefaultColumns;
    }

    [LibraryImport("libc", EntryPoint = "ioctl")]
    private static partial int Ioctl(int descriptor, nuint request, ref WinSize size);

    /// <summary><c>struct winsize</c> of asm-generic/termios.h.</summary>
    private struct WinSize
    {
        public ushort Rows;
        public ushort Columns;
        public ushort XPixel;
        public ushort YPixel;
    }
}
