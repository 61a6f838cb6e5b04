using System.Text.Json;
using SwarmNet.Cli.CommandLine;
using SwarmNet.Cli.Formatting;
using SwarmNet.Cli.Specs;
using SwarmNet.EngineApi.Client;

namespace SwarmNet.Cli.Commands;

/// <summary><c>service logs</c>: each line behind the task and node it came from.</summary>
internal static class ServiceLogs
{
    public static int Run(Invocation invocation)
    {
        var flags = invocation.Flags;
        var client = invocation.Context.Client;
        var target = invocation.Args[0];
        var raw = flags.IsSet("raw");
        var (kind, id, tty, replicas) = Find(client, target);
        if (tty && !raw)
        {
            throw new CliException($"tty {kind} logs only supported with --raw");
        }

        var query = new Query() { ["stderr"] = "1", ["stdout"] = "1", ["tail"] = flags.Text("tail") };
        // The details carry the labels that tell which task wrote a line: always asked for, unless lines are wanted raw.
        if (!raw || flags.IsSet("details"))
        {
            query["details"] = "1";
        }

        LogStream.AddCommon(query, flags, invocation.Context.Time);
        using var response = client.Send("GET", $"/{kind}s/{Query.Escape(id)}/logs?{query}");
        invocation.Context.Flush();
        if (tty)
        {
            using var output = invocation.Context.OpenOutput(false);
            response.Body.CopyTo(output);
            return 0;
        }

        var formatter = raw ? null : new ServiceLogFormatter(flags, new Names(new Engine(client.Host), !flags.IsSet("no-resolve")), replicas);
        LogStream.Copy(response.Body, invocation.Context, formatter is null ? null : formatter.Format);
        return 0;
    }

    private static (string Kind, string Id, bool Tty, int Padding) Find(Engine client, string target)
    {
        try
        {
            var service = ServiceCommands.Get(client, target);
            var replicas = service.Number("Spec", "Mode", "Replicated", "Replicas");
            return ("service", target, service.At("Spec", "TaskTemplate", "ContainerSpec").IsTrue("TTY"), replicas.ToString(System.Globalization.CultureInfo.InvariantCulture).Length);
        }
        catch (EngineException error) when (error.Status == 404)
        {
            Json task;
            try
            {
                task = client.Get($"/tasks/{Query.Escape(target)}");
            }
            catch (EngineException missing) when (missing.Status == 404)
            {
                throw new CliException($"no such task or service: {target}");
            }

            return ("task", target, task.IsTrue("Spec", "ContainerSpec", "TTY"), TaskPadding(client, task));
        }
    }

    private static int TaskPadding(Engine client, Json task)
    {
        try
        {
            var service = ServiceCommands.Get(client, task.Text("ServiceID"));
            return service.Number("Spec", "Mode", "Replicated", "Replicas").ToString(System.Globalization.CultureInfo.InvariantCulture).Length;
        }
        catch (EngineException)
        {
            return 1;
        }
    }
}
