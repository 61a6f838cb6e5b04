using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using SwarmNet.EngineApi.Http;

namespace SwarmNet.EngineApi.Runtime;

/// <summary>Further processes in running containers: made, started on a hijacked connection, asked about afterwards.</summary>
internal sealed class ExecRoutes(IContainerBackend? backend)
{
    // Finished ones are kept for the exit code, and a client that never starts one must not fill the memory.
    private const int Kept = 512;

    private readonly ConcurrentDictionary<string, ExecSession> sessions = new();
    private readonly ConcurrentQueue<string> order = new();

    public IEnumerable<ApiRoute> All =>
    [
        new("POST", "/containers/{id}/exec", CreateAsync),
        new("POST", "/exec/{id}/start", StartAsync),
        new("POST", "/exec/{id}/resize", ResizeAsync),
        new("GET", "/exec/{id}/json", InspectAsync),
    ];

    private async Task CreateAsync(ApiRequest request)
    {
        var body = await request.ReadObjectAsync("ExecOptions");
        var container = ContainerRoutes.Find(backend, request["id"]);
        if (container.State != ContainerState.Running)
        {
            throw new ApiException(409, $"container {container.Id} is not running");
        }

        var wanted = new ExecRequest(
            body.Strings("Cmd"), body.Strings("Env"), body.String("WorkingDir"), body.String("User"), body.Bool("Tty"), body.Bool("AttachStdin"));
        if (wanted.Command.Count == 0)
        {
            throw new ApiException(400, "No exec command specified");
        }

        if (body.Bool("Privileged"))
        {
            throw new ApiException(501, "privileged processes are not supported: start without --privileged");
        }

        var id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        sessions[id] = new ExecSession(id, container.Id, wanted, body.Bool("AttachStdout"), body.Bool("AttachStderr"));
        order.Enqueue(id);
        Forget();
        await request.WriteJsonAsync(201, json =>
        {
            json.WriteStartObject();
            json.WriteString("Id", id);
            json.WriteEndObject();
        });
    }

    private async Task StartAsync(ApiRequest request)
    {
        var body = await request.ReadObjectAsync("ExecStartOptions");
        var session = Find(request);
        if (!session.TryClaim())
        {
            throw new ApiException(409, $"exec instance {session.Id} has been started already");
        }

        HijackedConnection? connection = null;
        await using (var process = await backend!.StartExecAsync(session.ContainerId, session.Request, request.Aborted))
        {
            session.Process = process;
            try
            {
                if (body.Bool("Detach"))
                {
                    await request.WriteEmptyAsync(200);
                    await request.Http.Response.CompleteAsync();
                    session.ExitCode = await process.WaitAsync(CancellationToken.None);
                    return;
                }

                connection = await HijackedConnection.TakeAsync(request);
                session.ExitCode = await ExecPump.RunAsync(connection, process, session);
            }
            finally
            {
                session.Process = null;
                session.IsFinished = true;
            }
        }

        // Last: a client asks for the exit code as soon as the stream has ended.
        await connection.CloseAsync();
    }

    private async Task ResizeAsync(ApiRequest request)
    {
        var session = Find(request);
        if (session.Process is not { } process)
        {
            throw new ApiException(409, $"exec instance {session.Id} is not running");
        }

        await process.ResizeAsync(Size(request, "h"), Size(request, "w"), request.Aborted);
        await request.WriteEmptyAsync(200);
    }

    private Task InspectAsync(ApiRequest request)
    {
        var session = Find(request);
        return request.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            json.WriteString("ID", session.Id);
            json.WriteBoolean("Running", session.Process is not null);
            if (session.ExitCode is { } code)
            {
                json.WriteNumber("ExitCode", code);
            }
            else
            {
                json.WriteNull("ExitCode");
            }

            json.WriteStartObject("ProcessConfig");
            json.WriteBoolean("tty", session.Request.HasTerminal);
            json.WriteString("entrypoint", session.Request.Command[0]);
            Json.GoJsonWriter.StringList(json, "arguments", session.Request.Command.Skip(1));
            json.WriteBoolean("privileged", false);
            json.WriteEndObject();
            json.WriteBoolean("OpenStdin", session.Request.HasInput);
            json.WriteBoolean("OpenStderr", session.HasError);
            json.WriteBoolean("OpenStdout", session.HasOutput);
            json.WriteBoolean("CanRemove", session.IsFinished);
            json.WriteString("ContainerID", session.ContainerId);
            json.WriteString("DetachKeys", "");
            json.WriteNumber("Pid", session.Process?.Pid ?? 0);
            json.WriteEndObject();
        });
    }

    private ExecSession Find(ApiRequest request) =>
        sessions.TryGetValue(request["id"], out var session) ? session : throw new ApiException(404, $"No such exec instance: {request["id"]}");

    private static int Size(ApiRequest request, string name) =>
        int.TryParse(request.Query(name), NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size <= ushort.MaxValue
            ? size
            : throw new ApiException(400, $"invalid value for \"{name}\": {request.Query(name)}");

    private void Forget()
    {
        while (sessions.Count > Kept && order.TryDequeue(out var oldest))
        {
            if (sessions.TryGetValue(oldest, out var session) && session.Process is not null)
            {
                order.Enqueue(oldest);
                return;
            }

            sessions.TryRemove(oldest, out _);
        }
    }
}
