using System.Security.Cryptography;
using SwarmNet.Agent.Images;
using SwarmNet.Agent.Tasks;
using SwarmNet.Protocol;

namespace SwarmNet.Agent.Executor;

/// <summary>The mounts of a container: the system's, the service's, the image's volumes; checked, with Docker's texts.</summary>
internal sealed class MountPlan
{
    private static readonly OciMount[] System =
    [
        new("/proc", "proc", "proc", "nosuid", "noexec", "nodev"),
        new("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k"),
        new("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"),
        new("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"),
        new("/sys/fs/cgroup", "cgroup", "cgroup", "ro", "nosuid", "noexec", "nodev"),
        new("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev"),
        new("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=67108864"),
    ];

    private readonly List<OciMount> _mounts = [.. System];
    private readonly List<string> _copyUps = [];
    private readonly Container _container;
    private readonly VolumeStore _volumes;
    private readonly LayerView _image;

    private MountPlan(Container container, VolumeStore volumes, LayerView image) => (_container, _volumes, _image) = (container, volumes, image);

    /// <summary>All mounts, parents before children.</summary>
    public IReadOnlyList<OciMount> Mounts =>
        [.. _mounts.Take(System.Length), .. _mounts.Skip(System.Length).OrderBy(m => m.Destination.Count(c => c == '/'))];

    /// <summary>Paths in the image and volume folders that are filled from them, in turns.</summary>
    public IReadOnlyList<string> CopyUps => _copyUps;

    /// <summary>Plans the mounts and makes the volumes.</summary>
    /// <exception cref="TaskException">A mount that cannot be made.</exception>
    public static MountPlan Make(Container container, ImageConfig? config, LayerView image, Templates templates, VolumeStore volumes, string dependencyFolder)
    {
        var plan = new MountPlan(container, volumes, image);
        var spec = container.Task.Spec.Container;
        foreach (var name in new[] { "resolv.conf", "hostname", "hosts" })
        {
            plan._mounts.Add(new OciMount("/etc/" + name, "bind", Path.Combine(container.Folder, name), "rbind", "rprivate"));
        }

        foreach (var mount in spec.Mounts)
        {
            plan.Add(mount, templates);
        }

        var covered = spec.Mounts.Select(m => templates.Expand(m.Target).TrimEnd('/')).ToHashSet(StringComparer.Ordinal);
        foreach (var target in (config?.Volumes?.Keys ?? []).Where(t => !covered.Contains(t.TrimEnd('/'))))
        {
            plan.AddVolume("", target, isReadOnly: false, new Dictionary<string, string>(), isCopied: true);
        }

        plan.AddDependencies(spec, dependencyFolder);
        return plan;
    }

    /// <summary>File names of the dependencies in their folder: secrets <c>s0, s1 …</c>, configs <c>c0, c1 …</c>.</summary>
    public static string SecretFile(int index) => "s" + index;

    /// <inheritdoc cref="SecretFile" />
    public static string ConfigFile(int index) => "c" + index;

    private void Add(Mount mount, Templates templates)
    {
        var (source, target) = (templates.Expand(mount.Source), templates.Expand(mount.Target));
        if (!target.StartsWith('/'))
        {
            throw new TaskException($"invalid mount target, must be an absolute path: {target}");
        }

        switch (mount.Type)
        {
            case Mount.Types.MountType.Bind:
                AddBind(mount, source, target);
                break;
            case Mount.Types.MountType.Volume:
                if (source.StartsWith('/'))
                {
                    throw new TaskException($"invalid volume mount source, must not be an absolute path: {source}");
                }

                var options = mount.VolumeOptions;
                if (options?.DriverConfig is { } driver && (driver.Name is not ("" or "local") || driver.Options.Count > 0))
                {
                    throw new TaskException(driver.Name is "" or "local"
                        ? $"volume {source}: options of the volume driver local are not supported; mount the file system on the node and use a bind mount"
                        : $"error looking up volume plugin {driver.Name}: plugin \"{driver.Name}\" not found");
                }

                var labels = options?.Labels.ToDictionary(l => l.Key, l => templates.Expand(l.Value)) ?? [];
                AddVolume(source, target, mount.Readonly, labels, !(options?.Nocopy ?? false));
                break;
            case Mount.Types.MountType.Tmpfs:
                AddTmpfs(mount, source, target);
                break;
            default:
                throw new TaskException($"invalid mount type: {mount.Type.ToString().ToLowerInvariant()} mounts are not supported on this node");
        }
    }

    private void AddBind(Mount mount, string source, string target)
    {
        if (!source.StartsWith('/'))
        {
            throw new TaskException($"invalid bind mount source, must be an absolute path: {source}");
        }

        if (!Path.Exists(source))
        {
            if (mount.BindOptions?.CreateMountpoint != true)
            {
                throw new TaskException($"invalid mount config for type \"bind\": bind source path does not exist: {source}");
            }

            Directory.CreateDirectory(source);
        }

        var bind = mount.BindOptions?.Nonrecursive == true ? "bind" : "rbind";
        var propagation = (mount.BindOptions?.Propagation ?? default).ToString().ToLowerInvariant();
        _mounts.Add(new OciMount(target, "bind", source, [bind, propagation, .. mount.Readonly ? ["ro"] : Array.Empty<string>()]));
    }

    private void AddVolume(string name, string target, bool isReadOnly, IReadOnlyDictionary<string, string> labels, bool isCopied)
    {
        var isAnonymous = name.Length == 0;
        if (isAnonymous)
        {
            // The same name at every try: preparing is idempotent.
            name = Convert.ToHexStringLower(SHA256.HashData(global::System.Text.Encoding.UTF8.GetBytes(_container.Id + target)));
        }

        var (volume, isEmpty) = _volumes.Ensure(name, labels, isAnonymous ? _container.Id : "");
        if (isCopied && isEmpty && _image.FindFolder(target) is { } folder)
        {
            _copyUps.Add(folder);
            _copyUps.Add(volume.Path);
        }

        _mounts.Add(new OciMount(target, "bind", volume.Path, ["rbind", "rprivate", .. isReadOnly ? ["ro"] : Array.Empty<string>()]));
    }

    private void AddTmpfs(Mount mount, string source, string target)
    {
        if (source.Length > 0)
        {
            throw new TaskException("invalid tmpfs source, source must be empty");
        }

        var options = new List<string> { "nosuid", "nodev", "noexec" };
        if (mount.TmpfsOptions?.SizeBytes > 0)
        {
            options.Add($"size={mount.TmpfsOptions.SizeBytes}");
        }

        if (mount.TmpfsOptions?.Mode > 0)
        {
            options.Add("mode=" + Convert.ToString(mount.TmpfsOptions.Mode & 0xFFF, 8));
        }

        if (mount.Readonly)
        {
            options.Add("ro");
        }

        _mounts.Add(new OciMount(target, "tmpfs", "tmpfs", [.. options]));
    }

    private void AddDependencies(ContainerSpec spec, string folder)
    {
        for (var i = 0; i < spec.Secrets.Count; i++)
        {
            var secret = spec.Secrets[i];
            var name = secret.File?.Name is { Length: > 0 } given ? given : secret.SecretName;
            AddDependency(name.StartsWith('/') ? name : "/run/secrets/" + name, Path.Combine(folder, SecretFile(i)));
        }

        for (var i = 0; i < spec.Configs.Count; i++)
        {
            var config = spec.Configs[i];
            if (config.TargetCase == ConfigReference.TargetOneofCase.Runtime)
            {
                continue;
            }

            var name = config.File?.Name is { Length: > 0 } given ? given : config.ConfigName;
            AddDependency(name.StartsWith('/') ? name : "/" + name, Path.Combine(folder, ConfigFile(i)));
        }
    }

    private void AddDependency(string target, string source) =>
        _mounts.Add(new OciMount(target, "bind", source, "bind", "rprivate", "ro", "nosuid", "nodev", "noexec"));
}
