namespace SwarmNet.Agent.Images;

/// <summary>
/// Paths of a tree that somebody else made, resolved without ever leaving its root: <c>..</c> stops at the root, and symbolic
/// links are followed as a process with that root would. The tree must not change meanwhile.
/// </summary>
internal static class ScopedPath
{
    private const int MaxLinks = 40;

    /// <summary>
    /// The absolute host path of <paramref name="path"/> under <paramref name="root"/>. Links in the parent folders are followed,
    /// the last name only when <paramref name="followLast"/>. Names that do not exist stand for themselves.
    /// </summary>
    /// <exception cref="ImageException">More than 40 links: a loop.</exception>
    public static string Resolve(string root, string path, bool followLast)
    {
        var todo = new Stack<string>();
        Push(todo, path);
        var done = new List<string>();
        var links = 0;
        while (todo.TryPop(out var name))
        {
            if (name == "..")
            {
                if (done.Count > 0)
                {
                    done.RemoveAt(done.Count - 1);
                }

                continue;
            }

            done.Add(name);
            if (todo.Count == 0 && !followLast)
            {
                break;
            }

            if (new FileInfo(Join(root, done)).LinkTarget is { } target)
            {
                if (++links > MaxLinks)
                {
                    throw new ImageException(ImageError.Invalid, $"too many symbolic links on the way to {path}");
                }

                done.RemoveAt(done.Count - 1);
                if (target.StartsWith('/'))
                {
                    done.Clear();
                }

                Push(todo, target);
            }
        }

        return Join(root, done);
    }

    private static void Push(Stack<string> todo, string path)
    {
        foreach (var name in path.Split('/').Reverse())
        {
            if (name.Length > 0 && name != ".")
            {
                todo.Push(name);
            }
        }
    }

    private static string Join(string root, List<string> names) => names.Count == 0 ? root : root + "/" + string.Join('/', names);
}
