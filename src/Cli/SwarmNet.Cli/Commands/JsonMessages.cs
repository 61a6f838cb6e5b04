using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Specs;

namespace SwarmNet.Cli.Commands;

/// <summary>The newline-separated JSON messages of load, import and pull.</summary>
internal static class JsonMessages
{
    public static void Print(Stream body, TextWriter output, bool quiet)
    {
        using var reader = new StreamReader(body);
        while (reader.ReadLine() is { } line)
        {
            if (line.Trim().Length == 0)
            {
                continue;
            }

            var message = Json.Parse(line);
            if (message.Text("error") is { Length: > 0 } error)
            {
                throw new CliException(error);
            }

            if (quiet)
            {
                continue;
            }

            if (message.Text("stream") is { Length: > 0 } stream)
            {
                output.Write(stream);
            }
            else if (message.Text("status") is { Length: > 0 } status && !message.At("progressDetail", "total").Exists)
            {
                output.WriteLine(message.Text("id") is { Length: > 0 } id ? $"{id}: {status}" : status);
            }
        }
    }
}
