using System.Text.Json;
using SwarmNet.EngineApi.Json;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Mapping;

/// <summary>A mount, both ways. Consistency is accepted and not shown, as in Docker.</summary>
internal static class MountJson
{
    public static void Write(Utf8JsonWriter json, Mount mount)
    {
        json.WriteStartObject();
        json.WriteString("Type", mount.Type.ToString().ToLowerInvariant());
        json.StringIfAny("Source", mount.Source);
        json.StringIfAny("Target", mount.Target);
        json.TrueIfSet("ReadOnly", mount.Readonly);
        if (mount.BindOptions is { } bind)
        {
            json.WriteStartObject("BindOptions");
            json.WriteString("Propagation", bind.Propagation.ToString().ToLowerInvariant());
            json.TrueIfSet("NonRecursive", bind.Nonrecursive);
            json.TrueIfSet("CreateMountpoint", bind.CreateMountpoint);
            json.TrueIfSet("ReadOnlyNonRecursive", bind.ReadonlyNonrecursive);
            json.TrueIfSet("ReadOnlyForceRecursive", bind.ReadonlyForceRecursive);
            json.WriteEndObject();
        }

        if (mount.VolumeOptions is { } volume)
        {
            json.WriteStartObject("VolumeOptions");
            json.TrueIfSet("NoCopy", volume.Nocopy);
            json.MapIfAny("Labels", volume.Labels);
            json.StringIfAny("Subpath", volume.Subpath);
            CommonJson.DriverIfAny(json, "DriverConfig", volume.DriverConfig);
            json.WriteEndObject();
        }

        if (mount.TmpfsOptions is { } tmpfs)
        {
            json.WriteStartObject("TmpfsOptions");
            json.NumberIfAny("SizeBytes", tmpfs.SizeBytes);
            json.NumberIfAny("Mode", (ulong)tmpfs.Mode);
            WriteTmpfsOptions(json, tmpfs.Options);
            json.WriteEndObject();
        }

        if (mount.Type == Mount.Types.MountType.Cluster)
        {
            json.WriteStartObject("ClusterOptions");
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    public static Mount Read(GoObject body)
    {
        var type = body.String("Type");
        if (!TryParse<Mount.Types.MountType>(type, out var kind))
        {
            throw new ConversionException($"invalid MountType: \"{type}\"");
        }

        var mount = new Mount
        {
            Type = kind,
            Source = body.String("Source"),
            Target = body.String("Target"),
            Readonly = body.Bool("ReadOnly"),
        };
        var consistency = body.String("Consistency");
        if (!TryParse<Mount.Types.MountConsistency>(consistency, out var wanted))
        {
            throw new ConversionException($"invalid MountConsistency: \"{consistency}\"");
        }

        mount.Consistency = wanted;
        if (body.Object("BindOptions", "BindOptions") is { } bind)
        {
            mount.BindOptions = ReadBind(bind);
        }

        if (body.Object("VolumeOptions", "VolumeOptions") is { } volume)
        {
            mount.VolumeOptions = new Mount.Types.VolumeOptions
            {
                Nocopy = volume.Bool("NoCopy"),
                Subpath = volume.String("Subpath"),
                DriverConfig = CommonJson.ReadDriver(volume, "DriverConfig"),
            };
            mount.VolumeOptions.Labels.Add(volume.Map("Labels"));
        }

        if (body.Object("TmpfsOptions", "TmpfsOptions") is { } tmpfs)
        {
            mount.TmpfsOptions = new Mount.Types.TmpfsOptions
            {
                SizeBytes = tmpfs.Int64("SizeBytes"),
                Mode = tmpfs.UInt32("Mode"),
                // The wire has one string, "noexec,size=64": a list of words, or of key and value.
                Options = string.Join(',', tmpfs.StringLists("Options").Select(pair => string.Join('=', pair))),
            };
        }

        return mount;
    }

    private static Mount.Types.BindOptions ReadBind(GoObject bind)
    {
        var propagation = bind.String("Propagation");
        if (!TryParse<Mount.Types.BindOptions.Types.MountPropagation>(propagation, out var wanted))
        {
            throw new ConversionException($"invalid MountPropagation: \"{propagation}\"");
        }

        return new Mount.Types.BindOptions
        {
            Propagation = wanted,
            Nonrecursive = bind.Bool("NonRecursive"),
            CreateMountpoint = bind.Bool("CreateMountpoint"),
            ReadonlyNonrecursive = bind.Bool("ReadOnlyNonRecursive"),
            ReadonlyForceRecursive = bind.Bool("ReadOnlyForceRecursive"),
        };
    }

    private static void WriteTmpfsOptions(Utf8JsonWriter json, string options)
    {
        if (options.Length == 0)
        {
            return;
        }

        json.WriteStartArray("Options");
        foreach (var option in options.Split(','))
        {
            json.WriteStartArray();
            foreach (var part in option.Split('=', 2))
            {
                json.WriteStringValue(part);
            }

            json.WriteEndArray();
        }

        json.WriteEndArray();
    }

    // An empty word is the enumeration's zero.
    private static bool TryParse<T>(string word, out T value)
        where T : struct, Enum
    {
        value = default;
        return word.Length == 0 || (char.IsAsciiLetter(word[0]) && Enum.TryParse(word, ignoreCase: true, out value) && !word.Contains(',', StringComparison.Ordinal));
    }
}
