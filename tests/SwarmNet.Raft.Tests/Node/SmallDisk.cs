using System.Diagnostics;

namespace SwarmNet.Raft.Tests;

/// <summary>A file system in memory (tmpfs) of a given size; needs root.</summary>
internal sealed class SmallDisk : IDisposable
{
    public SmallDisk(string path, int sizeBytes)
    {
        Path = path;
        Directory.CreateDirectory(path);
        Run("mount", "-t", "tmpfs", "-o", $"size={sizeBytes}", "tmpfs", path);
    }

    public string Path { get; }

    /// <summary>Takes space until so much is left; the file returned gives it back.</summary>
    public string Fill(int leaveBytes)
    {
        string ballast = System.IO.Path.Combine(Path, "ballast");
        long free = new DriveInfo(Path).AvailableFreeSpace;
        File.WriteAllBytes(ballast, new byte[Math.Max(0, free - leaveBytes)]);
        return ballast;
    }

    // Lazily: a node that a failed test left open must not keep it.
    public void Dispose() => Run("umount", "-l", Path);

    private static void Run(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.That(process.ExitCode, Is.Zero, $"{program} {string.Join(' ', arguments)}");
    }
}
