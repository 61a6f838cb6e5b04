using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Formatting;

namespace SwarmNet.Cli.Commands;

/// <summary>
/// Logs of containers and services without a terminal: frames of an 8-byte header (stream, three zeros, length, big-endian) and the bytes of
/// one line, on one HTTP body.
/// </summary>
internal static class LogStream
{
    /// <summary>Copies frames to standard output and error until the body ends.</summary>
    public static void Copy(Stream body, CliContext context, Func<string, string>? format)
    {
        using var output = context.OpenOutput(false);
        using var error = context.OpenOutput(true);
        var header = new byte[8];
        while (body.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) == header.Length)
        {
            var frame = new byte[BinaryPrimitives.ReadUInt32BigEndian(header.AsSpan(4))];
            body.ReadExactly(frame);
            if (header[0] == 3)
            {
                throw new CliException($"error from daemon in stream: {Encoding.UTF8.GetString(frame).TrimEnd()}");
            }

            var target = header[0] == 2 ? error : output;
            if (format is null)
            {
                target.Write(frame);
            }
            else
            {
                foreach (var line in Encoding.UTF8.GetString(frame).TrimEnd('\n').Split('\n'))
                {
                    target.Write(Encoding.UTF8.GetBytes(format(line) + "\n"));
                }
            }

            target.Flush();
        }
    }

    public static void AddCommon(Query query, FlagSet flags, TimeProvider time)
    {
        if (flags.IsSet("follow"))
        {
            query["follow"] = "1";
        }

        if (flags.IsSet("timestamps"))
        {
            query["timestamps"] = "1";
        }

        if (flags.Text("since").Length > 0)
        {
            query["since"] = Timestamp(flags.Text("since"), time);
        }
    }

    /// <summary>A moment as the API wants it (seconds and nanoseconds): from a Go duration back from now, a date, or seconds.</summary>
    public static string Timestamp(string text, TimeProvider time)
    {
        try
        {
            var nanoseconds = GoDuration.Parse(text);
            return ToSeconds(time.GetUtcNow().AddTicks(-nanoseconds / 100));
        }
        catch (FormatException)
        {
            // Not a duration.
        }

        if (text.Contains('-', StringComparison.Ordinal))
        {
            return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeLocal, out var moment)
                ? ToSeconds(moment)
                : throw new CliException($"invalid value for \"since\": failed to parse value as time or duration: {GoText.Quote(text)}");
        }

        return text;
    }

    private static string ToSeconds(DateTimeOffset moment) =>
        string.Create(CultureInfo.InvariantCulture, $"{moment.ToUnixTimeSeconds()}.{moment.UtcTicks % TimeSpan.TicksPerSecond * 100:D9}");
}
