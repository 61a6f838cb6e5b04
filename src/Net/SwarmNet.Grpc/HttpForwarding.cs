using System.Net;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace SwarmNet.Grpc;

/// <summary>Passes a whole request on to another server and its answer back, as it flows: streams both ways, trailers too.</summary>
internal static class HttpForwarding
{
    private const int BufferBytes = 16 << 10;

    // Of one connection only (RFC 9110 §7.6.1), or made anew on the next one.
    private static readonly HashSet<string> s_hopByHop = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "Transfer-Encoding", "Upgrade", "Host", "Content-Length", "TE", "Trailer",
    };

    /// <summary>The request as it goes on: method, headers and body of <paramref name="http"/>.</summary>
    public static HttpRequestMessage Request(HttpContext http, string uri, IEnumerable<KeyValuePair<string, string>> headers)
    {
        var request = new HttpRequestMessage(new HttpMethod(http.Request.Method), uri)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        if (http.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == true)
        {
            request.Content = new Body(http);
        }

        request.Headers.TE.ParseAdd("trailers");
        foreach (var (name, values) in http.Request.Headers)
        {
            if (!s_hopByHop.Contains(name) && !name.StartsWith(':') && !request.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values))
            {
                request.Content?.Headers.TryAddWithoutValidation(name, (IEnumerable<string?>)values);
            }
        }

        foreach (var (name, value) in headers)
        {
            request.Headers.Remove(name);
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return request;
    }

    /// <summary>Copies the answer. What arrives leaves at once: a quiet stream may say one line in an hour.</summary>
    public static async Task AnswerAsync(HttpContext http, HttpResponseMessage response)
    {
        http.Response.StatusCode = (int)response.StatusCode;
        foreach (var (name, values) in response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated))
        {
            if (!s_hopByHop.Contains(name) || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
            {
                http.Response.Headers[name] = values.ToArray();
            }
        }

        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        await http.Response.StartAsync(http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
        await using var body = await response.Content.ReadAsStreamAsync(http.RequestAborted);
        await CopyAsync(body, http.Response.Body, http.RequestAborted);
        if (http.Response.SupportsTrailers())
        {
            foreach (var (name, values) in response.TrailingHeaders.NonValidated)
            {
                http.Response.AppendTrailer(name, values.ToArray());
            }
        }
    }

    private static async Task CopyAsync(Stream from, Stream to, CancellationToken cancellationToken)
    {
        var buffer = new byte[BufferBytes];
        int read;
        while ((read = await from.ReadAsync(buffer, cancellationToken)) > 0)
        {
            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            await to.FlushAsync(cancellationToken);
        }
    }

    private sealed class Body(HttpContext http) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            // Without a flush the headers would wait for the first bytes.
            await stream.FlushAsync();
            await CopyAsync(http.Request.Body, stream, http.RequestAborted);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = http.Request.ContentLength ?? 0;
            return http.Request.ContentLength is not null;
        }
    }
}
