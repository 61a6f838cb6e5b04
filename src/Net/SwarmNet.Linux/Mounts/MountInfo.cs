using System.Globalization;
using System.Text;

namespace SwarmNet.Linux;

/// <summary>One line of <c>/proc/PID/mountinfo</c> (proc(5)).</summary>
/// <param name="Id">Mount id.</param>
/// <param name="ParentId">Id of the mount it lies on.</param>
/// <param name="Root">The folder inside the file system that forms the root of this mount.</param>
/// <param name="MountPoint">Where it is mounted, relative to the root of the process.</param>
/// <param name="Options">Options of the mount, comma-separated.</param>
/// <param name="Propagation">Optional fields: <c>shared:1</c>, <c>master:2</c> …; empty = private.</param>
/// <param name="FileSystemType">For example <c>cgroup2</c>.</param>
/// <param name="Source">Device or name.</param>
/// <param name="SuperOptions">Options of the file system, comma-separated; names the controllers of a cgroup v1 mount.</param>
public sealed record MountInfo(
    int Id,
    int ParentId,
    string Root,
    string MountPoint,
    string Options,
    string Propagation,
    string FileSystemType,
    string Source,
    string SuperOptions)
{
    /// <summary>Parses one line; false when it has not the shape of proc(5).</summary>
    public static bool TryParse(string line, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out MountInfo? mount)
    {
        mount = null;
        string[] fields = line.Split(' ');
        int separator = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
        if (separator < 6 || fields.Length < separator + 4
            || !int.TryParse(fields[0], NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            || !int.TryParse(fields[1], NumberStyles.None, CultureInfo.InvariantCulture, out int parentId))
        {
            return false;
        }

        mount = new MountInfo(
            id,
            parentId,
            Unescape(fields[3]),
            Unescape(fields[4]),
            fields[5],
            string.Join(' ', fields[6..separator]),
            fields[separator + 1],
            Unescape(fields[separator + 2]),
            fields[separator + 3]);
        return true;
    }

    /// <summary>Space, tab, newline and backslash are written as <c>\ooo</c>; bytes of UTF-8 stay as they are.</summary>
    private static string Unescape(string field)
    {
        if (!field.Contains('\\', StringComparison.Ordinal))
        {
            return field;
        }

        var text = new StringBuilder(field.Length);
        for (int i = 0; i < field.Length; i++)
        {
            if (field[i] == '\\' && i + 3 < field.Length && IsOctal(field[i + 1]) && IsOctal(field[i + 2]) && IsOctal(field[i + 3]))
            {
                text.Append((char)(((field[i + 1] - '0') << 6) | ((field[i + 2] - '0') << 3) | (field[i + 3] - '0')));
                i += 3;
            }
            else
            {
                text.Append(field[i]);
            }
        }

        return text.ToString();

        static bool IsOctal(char c) => c is >= '0' and <= '7';
    }
}
