using System.Globalization;
using System.Text;
using SwarmNet.Agent.Tasks;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Executor;

/// <summary>
/// Secrets and configs of containers as files in memory: under the run folder where that is a tmpfs, else on a tmpfs mounted
/// there. They are made at start and go with the container.
/// </summary>
internal sealed class DependencyFiles
{
    private readonly string _folder;

    public DependencyFiles(string runFolder)
    {
        _folder = Path.Combine(runFolder, "secrets");
        Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (!LibC.IsTmpfs(_folder))
        {
            LibC.MountTmpfs(_folder, "mode=0700");
        }
    }

    public string FolderOf(string containerId) => Path.Combine(_folder, containerId);

    /// <summary>Writes the files of a task; none when it has no secrets and configs.</summary>
    /// <exception cref="TaskException">One is not on this node (temporary: it may be on its way), or cannot be expanded.</exception>
    public void Write(SwarmTask task, string containerId, NodeDescription node, IDependencies dependencies)
    {
        var spec = task.Spec.Container;
        if (spec.Secrets.Count == 0 && spec.Configs.Count == 0)
        {
            return;
        }

        var folder = FolderOf(containerId);
        Directory.CreateDirectory(folder);
        for (var i = 0; i < spec.Secrets.Count; i++)
        {
            var reference = spec.Secrets[i];
            var secret = dependencies.Secret(reference.SecretId) ?? throw Missing("secret", reference.SecretName);
            var data = Expand(secret.Spec.Data.ToByteArray(), secret.Spec.Templating, task, node, dependencies);
            WriteFile(Path.Combine(folder, MountPlan.SecretFile(i)), data, reference.File);
        }

        for (var i = 0; i < spec.Configs.Count; i++)
        {
            var reference = spec.Configs[i];
            if (reference.TargetCase == ConfigReference.TargetOneofCase.Runtime)
            {
                continue;
            }

            var config = dependencies.Config(reference.ConfigId) ?? throw Missing("config", reference.ConfigName);
            var data = Expand(config.Spec.Data.ToByteArray(), config.Spec.Templating, task, node, dependencies);
            WriteFile(Path.Combine(folder, MountPlan.ConfigFile(i)), data, reference.File);
        }
    }

    public void Remove(string containerId)
    {
        if (Directory.Exists(FolderOf(containerId)))
        {
            Directory.Delete(FolderOf(containerId), recursive: true);
        }
    }

    /// <summary>Removes the files of all containers but the given ones.</summary>
    public void RemoveOthers(IReadOnlySet<string> containerIds)
    {
        foreach (var folder in Directory.GetDirectories(_folder).Where(f => !containerIds.Contains(Path.GetFileName(f))))
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Unmounts the tmpfs, this daemon's or an earlier one's, when it holds nothing any more. The kernel refuses where it is no mount.</summary>
    public void Close()
    {
        if (!Directory.EnumerateFileSystemEntries(_folder).Any())
        {
            LibC.Unmount(_folder);
        }
    }

    private static TaskException Missing(string kind, string name) => new($"{kind} {name} has not reached this node yet", isTemporary: true);

    private static byte[] Expand(byte[] data, Driver? templating, SwarmTask task, NodeDescription node, IDependencies dependencies)
    {
        if (templating is null || templating.Name.Length == 0)
        {
            return data;
        }

        if (templating.Name != "golang")
        {
            throw new TaskException($"unrecognized template type {templating.Name}");
        }

        var spec = task.Spec.Container;
        var functions = new Dictionary<string, Func<string, string>>
        {
            ["secret"] = target => spec.Secrets.FirstOrDefault(s => s.File?.Name == target) is { } s && dependencies.Secret(s.SecretId) is { } found
                ? found.Spec.Data.ToStringUtf8() : throw new TaskException($"secret target {target} not found"),
            ["config"] = target => spec.Configs.FirstOrDefault(c => c.File?.Name == target) is { } c && dependencies.Config(c.ConfigId) is { } found
                ? found.Spec.Data.ToStringUtf8() : throw new TaskException($"config target {target} not found"),
            ["env"] = name => spec.Env.LastOrDefault(e => e.StartsWith(name + "=", StringComparison.Ordinal)) is { } e ? e[(name.Length + 1)..] : "",
        };
        return Encoding.UTF8.GetBytes(new Templates(task, node, functions).Expand(Encoding.UTF8.GetString(data)));
    }

    private static void WriteFile(string path, byte[] data, FileTarget? target)
    {
        File.Delete(path);
        File.WriteAllBytes(path, data);
        LibC.ChangeOwner(path, Id(target?.Uid), Id(target?.Gid));
        LibC.ChangeMode(path, (target?.Mode ?? 0) & 0xFFF);
    }

    private static int Id(string? text) => string.IsNullOrEmpty(text) ? 0
        : int.TryParse(text, CultureInfo.InvariantCulture, out var id) ? id : throw new TaskException($"invalid user or group id of a secret or config: {text}");
}
