using SwarmNet.Agent.Executor;

namespace SwarmNet.Agent.Images;

/// <summary>
/// The merged file tree of an image, read from its layer folders without mounting: upper layers hide lower ones, whiteouts and
/// opaque folders are honoured, links are followed inside the tree only.
/// </summary>
/// <param name="layers">Folders of the layers, lowest first.</param>
internal sealed class LayerView(IReadOnlyList<string> layers)
{
    private const int MaxLinks = 40;

    /// <summary>The contents of a small text file; null when the image has none there.</summary>
    public string? ReadText(string path) =>
        Find(path) is var (_, file) && file is not null && File.Exists(file) ? File.ReadAllText(file) : null;

    /// <summary>The path free of links when the image has a folder there; null otherwise.</summary>
    public string? FindFolder(string path) => Find(path) is var (canonical, file) && file is not null && Directory.Exists(file) ? canonical : null;

    private (string Canonical, string? File) Find(string path)
    {
        var todo = new Stack<string>(Names(path).Reverse());
        var done = new List<string>();
        string? file = layers.Count > 0 ? layers[^1] : null;
        var links = 0;
        while (todo.TryPop(out var name))
        {
            if (name == "..")
            {
                done.RemoveRange(Math.Max(done.Count - 1, 0), Math.Min(done.Count, 1));
                continue;
            }

            done.Add(name);
            file = Lookup(done);
            if (file is not null && LibC.Stat(file) is { } stat && (stat.Mode & LibC.S_IFMT) == LibC.S_IFLNK)
            {
                if (++links > MaxLinks)
                {
                    return ("", null);
                }

                var target = new FileInfo(file).LinkTarget!;
                done.RemoveAt(done.Count - 1);
                if (target.StartsWith('/'))
                {
                    done.Clear();
                }

                foreach (var part in Names(target).Reverse())
                {
                    todo.Push(part);
                }
            }
        }

        return ("/" + string.Join('/', done), done.Count == 0 ? layers.Count > 0 ? layers[^1] : null : file);
    }

    private static IEnumerable<string> Names(string path) => path.Split('/').Where(n => n.Length > 0 && n != ".");

    // The host path in the highest layer that says anything about it; the parents are known to be no links.
    private string? Lookup(List<string> names)
    {
        for (var i = layers.Count - 1; i >= 0; i--)
        {
            var path = layers[i];
            for (var n = 0; n < names.Count; n++)
            {
                path += "/" + names[n];
                if (LibC.Stat(path) is not { } stat)
                {
                    break;
                }

                if ((stat.Mode & LibC.S_IFMT) == LibC.S_IFCHR && stat is { Major: 0, Minor: 0 })
                {
                    return null;
                }

                if (n == names.Count - 1)
                {
                    return path;
                }

                // What lower layers have in an opaque folder does not show. Its own entry, one step on, still does.
                if (LibC.Attribute(path, "trusted.overlay.opaque") is [(byte)'y'] && LibC.Stat(path + "/" + names[n + 1]) is null)
                {
                    return null;
                }
            }
        }

        return null;
    }
}
