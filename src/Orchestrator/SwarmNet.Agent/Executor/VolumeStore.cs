using System.Text.Json;
using System.Text.RegularExpressions;
using SwarmNet.Agent.Tasks;

namespace SwarmNet.Agent.Executor;

/// <summary>A volume of this node.</summary>
/// <param name="Name">Name; 64 hexadecimal digits for an anonymous one.</param>
/// <param name="Path">Folder of its data.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Labels">Labels.</param>
/// <param name="ContainerId">The container that an anonymous volume goes with; empty for a named one.</param>
public sealed record VolumeRecord(
    string Name, string Path, DateTimeOffset Created, IReadOnlyDictionary<string, string> Labels, string ContainerId);

/// <summary>Volumes of the driver <c>local</c> under <c>volumes/NAME/_data</c>.</summary>
public sealed partial class VolumeStore
{
    private readonly string _folder;
    private readonly TimeProvider _time;

    internal VolumeStore(string folder, TimeProvider time)
    {
        (_folder, _time) = (folder, time);
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute);
    }

    /// <summary>All volumes by name.</summary>
    public IReadOnlyList<VolumeRecord> List() =>
        [.. Directory.GetDirectories(_folder).Order(StringComparer.Ordinal).Select(f => Find(Path.GetFileName(f))).OfType<VolumeRecord>()];

    /// <summary>The volume of that name; null when there is none.</summary>
    public VolumeRecord? Find(string name)
    {
        var path = Path.Combine(_folder, name, "volume.json");
        if (!Name().IsMatch(name) || !File.Exists(path))
        {
            return null;
        }

        var file = JsonSerializer.Deserialize(File.ReadAllBytes(path), ExecutorJson.Default.VolumeFile)!;
        return new VolumeRecord(name, Path.Combine(_folder, name, "_data"), file.Created, file.Labels, file.ContainerId);
    }

    /// <summary>Makes the volume unless it is there; whether its data is empty, so that an image may fill it, comes with it.</summary>
    internal (VolumeRecord Volume, bool IsEmpty) Ensure(string name, IReadOnlyDictionary<string, string> labels, string containerId)
    {
        if (!Name().IsMatch(name))
        {
            throw new TaskException(
                $"create {name}: \"{name}\" includes invalid characters for a local volume name, only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use absolute path");
        }

        var data = Path.Combine(_folder, name, "_data");
        Directory.CreateDirectory(data, (UnixFileMode)0x1ED);
        if (Find(name) is null)
        {
            var file = new VolumeFile { Created = _time.GetUtcNow(), Labels = labels, ContainerId = containerId };
            Container.Write(Path.Combine(_folder, name, "volume.json"), JsonSerializer.SerializeToUtf8Bytes(file, ExecutorJson.Default.VolumeFile));
        }

        return (Find(name)!, !Directory.EnumerateFileSystemEntries(data).Any());
    }

    /// <summary>Removes the volume and its data; nothing when there is none.</summary>
    internal void Remove(string name)
    {
        if (Find(name) is not null)
        {
            Directory.Delete(Path.Combine(_folder, name), recursive: true);
        }
    }

    [GeneratedRegex(@"^[a-zA-Z0-9][a-zA-Z0-9_.-]+\z")]
    private static partial Regex Name();
}
