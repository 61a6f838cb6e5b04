using System.Buffers;
using SwarmNet.EngineApi.Http;
using SwarmNet.EngineApi.Logs;

namespace SwarmNet.EngineApi.Runtime;

/// <summary>Carries bytes between a client and a process in a container.</summary>
internal static class ExecPump
{
    private const int ChunkBytes = 32 * 1024;

    /// <summary>
    /// Runs until the process has ended and its output is sent; the exit code. The connection stays open: its end tells
    /// the client that the exit code can be asked for. A client that closes its half only ends the
    /// input (to Kestrel that looks like a request given up, so its token is of no use here); one that is gone shows when
    /// output cannot be sent, which throws.
    /// </summary>
    public static async Task<int> RunAsync(HijackedConnection connection, IExecProcess process, ExecSession session)
    {
        using var ended = new CancellationTokenSource();
        var input = session.Request.HasInput ? SendInputAsync(connection, process.Input, ended.Token) : Task.CompletedTask;
        using var turn = new SemaphoreSlim(1);
        var isFramed = !session.Request.HasTerminal;
        var output = CopyAsync(process.Output, connection, turn, isFramed ? LogFrame.Stdout : (byte)0);
        var error = process.Error is { } stream ? CopyAsync(stream, connection, turn, LogFrame.Stderr) : Task.CompletedTask;
        try
        {
            await Task.WhenAll(output, error);
            return await process.WaitAsync(CancellationToken.None);
        }
        finally
        {
            await ended.CancelAsync();
            await input;
        }
    }

    private static async Task SendInputAsync(HijackedConnection connection, Stream input, CancellationToken ended)
    {
        try
        {
            while (true)
            {
                var result = await connection.Input.ReadAsync(ended);
                foreach (var segment in result.Buffer)
                {
                    await input.WriteAsync(segment, ended);
                }

                await input.FlushAsync(ended);
                connection.Input.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                {
                    break;
                }
            }

            // The client closed its half: the process reads end of file.
            await input.DisposeAsync();
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The process has ended or does not read any more: the rest of the input is nobody's.
        }
    }

    private static async Task CopyAsync(Stream from, HijackedConnection connection, SemaphoreSlim turn, byte stream)
    {
        var chunk = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            int read;
            while ((read = await ReadAsync(from, chunk.AsMemory(LogFrame.HeaderBytes, ChunkBytes - LogFrame.HeaderBytes))) > 0)
            {
                LogFrame.WriteHeader(chunk, stream, read);
                var bytes = stream == 0 ? chunk.AsMemory(LogFrame.HeaderBytes, read) : chunk.AsMemory(0, LogFrame.HeaderBytes + read);
                await turn.WaitAsync();
                try
                {
                    var sent = await connection.Output.WriteAsync(bytes);
                    if (sent.IsCompleted)
                    {
                        throw new IOException("The client has gone.");
                    }
                }
                finally
                {
                    turn.Release();
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    // A terminal whose last process has gone reads as an error, which is its end of file.
    private static async ValueTask<int> ReadAsync(Stream from, Memory<byte> into)
    {
        try
        {
            return await from.ReadAsync(into);
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
