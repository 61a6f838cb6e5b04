using System.Text.Json.Nodes;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Specs;

namespace SwarmNet.Cli.Commands;

/// <summary><c>exec</c>: a further process in a running container, with its input and output on ours.</summary>
internal static class ContainerExec
{
    public static int Run(Invocation invocation)
    {
        var flags = invocation.Flags;
        var client = invocation.Context.Client;
        var detach = flags.IsSet("detach");
        var tty = flags.IsSet("tty");
        var interactive = flags.IsSet("interactive");
        if (tty && interactive && !invocation.Context.InputIsTerminal)
        {
            throw new CliException("the input device is not a TTY");
        }

        var created = client.Post($"/containers/{Query.Escape(invocation.Args[0])}/exec", new JsonObject
        {
            ["User"] = flags.Text("user"),
            ["Privileged"] = flags.IsSet("privileged"),
            ["Tty"] = tty,
            ["AttachStdin"] = interactive && !detach,
            ["AttachStdout"] = !detach,
            ["AttachStderr"] = !detach,
            ["Env"] = new JsonArray([.. ServiceFlagValues.Environment(flags.List("env-file"), flags.List("env")).Select(item => JsonValue.Create(item))]),
            ["WorkingDir"] = flags.Text("workdir"),
            ["Cmd"] = new JsonArray([.. invocation.Args.Skip(1).Select(item => JsonValue.Create(item))]),
        });
        var id = created.Text("Id");
        var start = new JsonObject { ["Detach"] = detach, ["Tty"] = tty };
        if (detach)
        {
            client.Post($"/exec/{id}/start", start);
            return 0;
        }

        invocation.Context.Flush();
        using (var stream = client.Hijack($"/exec/{id}/start", start))
        {
            if (interactive)
            {
                // Ends with the process: a read of standard input cannot be called off.
                new Thread(() => CopyInput(invocation.Context, stream)) { IsBackground = true, Name = "exec input" }.Start();
            }

            if (tty)
            {
                using var output = invocation.Context.OpenOutput(false);
                stream.CopyTo(output);
            }
            else
            {
                LogStream.Copy(stream, invocation.Context, null);
            }
        }

        var exitCode = (int)client.Get($"/exec/{id}/json").Number("ExitCode");
        return exitCode == 0 ? 0 : throw new CliException("", exitCode);
    }

    private static void CopyInput(CliContext context, Stream stream)
    {
        try
        {
            using var input = context.OpenInput();
            input.CopyTo(stream);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            // The process ended first.
        }
    }
}
