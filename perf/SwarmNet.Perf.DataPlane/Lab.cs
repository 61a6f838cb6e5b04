using System.Diagnostics;
using SwarmNet.Linux;

namespace SwarmNet.Perf.DataPlane;

/// <summary>Namespaces of one measurement, pinned in a folder of its own. All of it goes at the end, also after a failure.</summary>
internal sealed class Lab : IDisposable
{
    private readonly Dictionary<string, NetworkNamespace> _namespaces = [];
    private readonly Stack<IDisposable> _owned = new();

    public string Folder { get; } = Directory.CreateTempSubdirectory($"swarmnet-perf-{Environment.ProcessId}-").FullName;

    public NetworkNamespace this[string name] => _namespaces[name];

    public NetworkNamespace Add(string name)
    {
        NetworkNamespace ns = NetworkNamespace.Create(PathOf(name));
        _namespaces.Add(name, ns);
        return ns;
    }

    /// <summary>Ends a namespace before the others.</summary>
    public void Remove(string name)
    {
        _namespaces.Remove(name, out NetworkNamespace? ns);
        ns?.Dispose();
        NetworkNamespace.Delete(PathOf(name));
    }

    public string PathOf(string name) => Path.Combine(Folder, name);

    /// <summary>Disposed at the end, the last one first, before the namespaces go.</summary>
    public T Own<T>(T disposable)
        where T : IDisposable
    {
        _owned.Push(disposable);
        return disposable;
    }

    /// <summary>Runs a tool inside a namespace, blanks part its arguments; what it printed.</summary>
    public string Exec(string ns, string command, string? input = null)
    {
        using Process process = Start(PathOf(ns), command, input is not null);
        Task<string> error = process.StandardError.ReadToEndAsync();
        if (input is not null)
        {
            process.StandardInput.Write(input);
            process.StandardInput.Close();
        }

        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output
            : throw new InvalidOperationException($"{command} in {ns}: exit code {process.ExitCode}: {error.GetAwaiter().GetResult()}{output}");
    }

    /// <summary>Starts a tool inside the namespace at a path.</summary>
    public static Process Start(string nsPath, string command, bool withInput = false) =>
        Process.Start(new ProcessStartInfo("nsenter", $"--net={nsPath} {command}")
        {
            RedirectStandardInput = withInput,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;

    public void Dispose()
    {
        while (_owned.TryPop(out IDisposable? owned))
        {
            owned.Dispose();
        }

        foreach (string name in _namespaces.Keys.ToArray())
        {
            Remove(name);
        }

        foreach (string path in Directory.GetFiles(Folder))
        {
            NetworkNamespace.Delete(path);
            File.Delete(path);
        }

        Directory.Delete(Folder, recursive: true);
    }
}
