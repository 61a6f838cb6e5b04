using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using SwarmNet.Linux;

namespace SwarmNet.Perf.DataPlane.Forwarding;

/// <summary>What clients are measured against in one namespace: nginx, which tells the client its address, and an iperf3 server.</summary>
internal sealed class Servers : IDisposable
{
    public const int HttpPort = 80;
    public const int BulkPort = 5201;
    private readonly Process _web;
    private readonly Process _bulk;

    /// <param name="ns">Namespace to serve in.</param>
    /// <param name="nsPath">The same, as a path for tools.</param>
    /// <param name="folder">For nginx's files.</param>
    public Servers(NetworkNamespace ns, string nsPath, string folder)
    {
        string own = Directory.CreateDirectory(Path.Combine(folder, "nginx-" + ns.Id.ToString(CultureInfo.InvariantCulture))).FullName;
        string configuration = Path.Combine(own, "nginx.conf");

        // One process without a master, so that killing it ends all of it.
        File.WriteAllText(configuration, $$"""
            daemon off; master_process off; worker_processes 1; pid {{own}}/pid; error_log /dev/null crit;
            events { worker_connections 4096; }
            http {
                access_log off; keepalive_requests 1000000000; keepalive_timeout 600s; tcp_nodelay on;
                client_body_temp_path {{own}}/b; proxy_temp_path {{own}}/p; fastcgi_temp_path {{own}}/f; uwsgi_temp_path {{own}}/u; scgi_temp_path {{own}}/s;
                server { listen {{HttpPort}} backlog=4096; location / { return 200 "$remote_addr\n"; } }
            }
            """);
        _web = Lab.Start(nsPath, $"nginx -e /dev/null -c {configuration}");
        _bulk = Lab.Start(nsPath, $"iperf3 -s -p {BulkPort}");
        Drain(_web);
        Drain(_bulk);
        foreach (int port in new[] { HttpPort, BulkPort })
        {
            WaitFor(ns, port);
        }
    }

    public void Dispose()
    {
        foreach (Process process in new[] { _web, _bulk })
        {
            process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }

    private static void Drain(Process process)
    {
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    private static void WaitFor(NetworkNamespace ns, int port)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            using Socket socket = ConnectLoop.Open(ns);
            try
            {
                socket.Connect("127.0.0.1", port);
                return;
            }
            catch (SocketException) when (Stopwatch.GetElapsedTime(start).TotalSeconds < 5)
            {
                Thread.Sleep(20);
            }
        }
    }
}
