using SwarmNet.Agent.Images;
using SwarmNet.Agent.Tasks;

namespace SwarmNet.Agent.Executor;

/// <summary>A container's user by number or by name, as the image's /etc/passwd and /etc/group say.</summary>
/// <param name="Uid">User.</param>
/// <param name="Gid">Primary group.</param>
/// <param name="Groups">Further groups.</param>
/// <param name="Home">Home folder, for HOME.</param>
internal sealed record ContainerUser(uint Uid, uint Gid, IReadOnlyList<uint> Groups, string Home)
{
    /// <summary>Resolves <c>user[:group]</c> and further groups.</summary>
    /// <exception cref="TaskException">A name that the image does not know; Docker's texts.</exception>
    public static ContainerUser Resolve(LayerView image, string user, IEnumerable<string> groups)
    {
        var passwd = Lines(image.ReadText("/etc/passwd"), 7);
        var group = Lines(image.ReadText("/etc/group"), 4);
        var parts = user.Split(':', 2);
        var userName = parts[0].Length == 0 ? "0" : parts[0];
        var entry = passwd.FirstOrDefault(p => p[0] == userName) ?? (uint.TryParse(userName, out _) ? passwd.FirstOrDefault(p => p[2] == userName) : null);
        var uid = entry is not null && uint.TryParse(entry[2], out var known) ? known
            : uint.TryParse(userName, out var number) ? number
            : throw new TaskException($"unable to find user {userName}: no matching entries in passwd file");
        var gid = parts.Length == 2 ? Group(group, parts[1]) : entry is not null && uint.TryParse(entry[3], out var primary) ? primary : 0;

        // Without an explicit group, membership in the image's groups counts.
        var member = parts.Length == 2 || entry is null ? []
            : group.Where(g => g[3].Split(',').Contains(entry[0])).Select(g => uint.TryParse(g[2], out var id) ? id : gid);
        var all = member.Concat(groups.Select(g => Group(group, g))).Where(g => g != gid).Distinct().Order();
        return new ContainerUser(uid, gid, [.. all], entry?[5] is { Length: > 0 } home ? home : "/");
    }

    private static uint Group(List<string[]> group, string name) =>
        group.FirstOrDefault(g => g[0] == name) is { } entry && uint.TryParse(entry[2], out var id) ? id
        : uint.TryParse(name, out var number) ? number
        : throw new TaskException($"unable to find group {name}: no matching entries in group file");

    private static List<string[]> Lines(string? text, int fields) =>
        [.. (text ?? "").Split('\n').Select(l => l.TrimEnd('\r').Split(':')).Where(f => f.Length >= fields)];
}
