using SwarmNet.Ca;
using SwarmNet.EngineApi.Http;

namespace SwarmNet.EngineApi.Swarm;

/// <summary>
/// Backup and restore of a swarm, which Docker has no routes for: <c>GET /swarm/backup</c> answers with the file,
/// <c>POST /swarm/restore?listenAddr=&amp;advertiseAddr=&amp;dataPathAddr=&amp;force=</c> takes it, with the unlock key of a sealed one in a header.
/// </summary>
internal sealed class BackupRoutes(ISwarmNode node, Func<ClusterAccess> cluster)
{
    /// <summary>The header with the unlock key: what stands in a URL is logged.</summary>
    public const string UnlockKeyHeader = "X-Swarm-Unlock-Key";

    // A backup is held in memory, as the snapshot in it is.
    private const int MaxBytes = 1 << 30;

    public IEnumerable<ApiRoute> All =>
    [
        .. ApiRoute.OfSwarm([new("GET", "/swarm/backup", BackupAsync)]),
        new("POST", "/swarm/restore", RestoreAsync),
    ];

    private async Task BackupAsync(ApiRequest request)
    {
        _ = cluster();
        var file = (node.Manager ?? throw new ApiException(503, SwarmTexts.Starting)).CreateBackup();
        var response = request.Http.Response;
        response.ContentType = "application/octet-stream";
        response.ContentLength = file.Length;
        await response.Body.WriteAsync(file, request.Aborted);
    }

    private async Task RestoreAsync(ApiRequest request)
    {
        UnlockKey? key = null;
        if (request.Http.Request.Headers[UnlockKeyHeader].ToString() is { Length: > 0 } text && !UnlockKey.TryParse(text, out key))
        {
            throw new ApiException(400, SwarmTexts.NoUnlockKey);
        }

        var listen = request.Query("listenAddr");
        var restore = new SwarmRestore(
            await ReadAsync(request), key, listen.Length == 0 ? "0.0.0.0:2377" : listen, request.Query("advertiseAddr"), request.Query("dataPathAddr"), request.QueryFlag("force"));

        // Restoring must not stop half-way because the client went away.
        var id = await node.RestoreAsync(restore, CancellationToken.None);
        await request.WriteJsonAsync(200, json =>
        {
            json.WriteStartObject();
            json.WriteString("NodeID", id);
            json.WriteEndObject();
        });
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(ApiRequest request)
    {
        using var file = new MemoryStream();
        var body = request.UnlimitedBody();
        var buffer = new byte[64 << 10];
        int read;
        while ((read = await body.ReadAsync(buffer, request.Aborted)) > 0)
        {
            if (file.Length + read > MaxBytes)
            {
                throw new ApiException(413, $"a backup has at most {MaxBytes} bytes: this is none of a swarm");
            }

            file.Write(buffer, 0, read);
        }

        return file.GetBuffer().AsMemory(0, (int)file.Length);
    }
}
