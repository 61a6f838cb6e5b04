using System.Globalization;
using System.Text.Json.Nodes;
using SwarmNet.Cli.CommandLine;

namespace SwarmNet.Cli.Specs;

/// <summary>The value of <c>--mount</c>: <c>type=volume,source=data,target=/data,readonly</c>.</summary>
internal sealed class MountParser
{
    private readonly JsonObject _mount = new() { ["Type"] = "volume" };
    private JsonObject? _bind;
    private JsonObject? _volume;
    private JsonObject? _tmpfs;
    private JsonObject? _image;

    public static JsonObject Parse(string text)
    {
        var parser = new MountParser();
        foreach (var field in Csv.Fields(text))
        {
            parser.Field(field);
        }

        return parser.Finish();
    }

    private void Field(string field)
    {
        var key = KeyValue.Cut(field, out var value).ToLowerInvariant();
        if (value is null)
        {
            switch (key)
            {
                case "readonly" or "ro":
                    _mount["ReadOnly"] = true;
                    return;
                case "volume-nocopy":
                    Volume()["NoCopy"] = true;
                    return;
                case "bind-nonrecursive":
                    throw new FormatException("bind-nonrecursive is deprecated, use bind-recursive=disabled instead");
                default:
                    throw new FormatException($"invalid field '{field}' must be a key=value pair");
            }
        }

        switch (key)
        {
            case "type":
                _mount["Type"] = value.ToLowerInvariant();
                break;
            case "source" or "src":
                _mount["Source"] = value == "." || value.StartsWith("./", StringComparison.Ordinal) ? Path.GetFullPath(value) : value;
                break;
            case "target" or "dst" or "destination":
                _mount["Target"] = value;
                break;
            case "readonly" or "ro":
                SetIfTrue(_mount, "ReadOnly", key, value);
                break;
            case "consistency":
                _mount["Consistency"] = value.ToLowerInvariant();
                break;
            case "bind-propagation":
                Bind()["Propagation"] = value.ToLowerInvariant();
                break;
            case "bind-recursive":
                BindRecursive(key, value);
                break;
            case "bind-create-src":
                SetIfTrue(Bind(), "CreateMountpoint", key, value);
                break;
            case "bind-nonrecursive":
                throw new FormatException("bind-nonrecursive is deprecated, use bind-recursive=disabled instead");
            case "volume-subpath":
                Volume()["Subpath"] = value;
                break;
            case "volume-nocopy":
                SetIfTrue(Volume(), "NoCopy", key, value);
                break;
            case "volume-label":
                SetPair(Volume(), "Labels", value);
                break;
            case "volume-driver":
                Volume()["DriverConfig"]!["Name"] = value;
                break;
            case "volume-opt":
                SetPair((JsonObject)Volume()["DriverConfig"]!, "Options", value);
                break;
            case "image-subpath":
                (_image ??= [])["Subpath"] = value;
                break;
            case "tmpfs-size":
                (_tmpfs ??= [])["SizeBytes"] = Try(() => Quantity.Bytes(value), key, value);
                break;
            case "tmpfs-mode":
                (_tmpfs ??= [])["Mode"] = Try(() => Convert.ToUInt32(value, 8), key, value);
                break;
            default:
                throw new FormatException($"unexpected key '{key}' in '{field}'");
        }
    }

    private JsonObject Finish()
    {
        var type = (string)_mount["Type"]!;
        if (type.Length == 0)
        {
            throw new FormatException("type is required");
        }

        if (!_mount.ContainsKey("Target") || (string?)_mount["Target"] == "")
        {
            throw new FormatException("target is required");
        }

        Attach("bind", "BindOptions", _bind, type);
        Attach("volume", "VolumeOptions", _volume, type, "cluster");
        Attach("image", "ImageOptions", _image, type);
        Attach("tmpfs", "TmpfsOptions", _tmpfs, type);
        var readOnly = _mount.ContainsKey("ReadOnly");
        if (_bind?.ContainsKey("ReadOnlyNonRecursive") == true && !readOnly)
        {
            throw new FormatException("option 'bind-recursive=writable' requires 'readonly' to be specified in conjunction");
        }

        if (_bind?.ContainsKey("ReadOnlyForceRecursive") == true)
        {
            if (!readOnly)
            {
                throw new FormatException("option 'bind-recursive=readonly' requires 'readonly' to be specified in conjunction");
            }

            if ((string?)_bind["Propagation"] != "rprivate")
            {
                throw new FormatException("option 'bind-recursive=readonly' requires 'bind-propagation=rprivate' to be specified in conjunction");
            }
        }

        return _mount;
    }

    private void Attach(string prefix, string name, JsonObject? options, string type, string? alsoFor = null)
    {
        if (options is null)
        {
            return;
        }

        if (type != prefix && type != alsoFor)
        {
            throw new FormatException($"cannot mix '{prefix}-*' options with mount type '{type}'");
        }

        _mount[name] = options;
    }

    private void BindRecursive(string key, string value)
    {
        switch (value)
        {
            case "enabled":
                break;
            case "disabled":
                Bind()["NonRecursive"] = true;
                break;
            case "writable":
                Bind()["ReadOnlyNonRecursive"] = true;
                break;
            case "readonly":
                Bind()["ReadOnlyForceRecursive"] = true;
                break;
            default:
                throw new FormatException(
                    $"invalid value for {key}: {value} (must be \"enabled\", \"disabled\", \"writable\", or \"readonly\")");
        }
    }

    private JsonObject Bind() => _bind ??= [];

    private JsonObject Volume() => _volume ??= new JsonObject { ["DriverConfig"] = new JsonObject() };

    private static void SetIfTrue(JsonObject target, string name, string key, string value)
    {
        if (FlagSet.ParseBool(value) ?? throw new FormatException($"invalid value for {key}: {value}"))
        {
            target[name] = true;
        }
    }

    private static void SetPair(JsonObject target, string name, string pair)
    {
        target[name] ??= new JsonObject();
        target[name]![KeyValue.Cut(pair, out var value)] = value ?? "";
    }

    private static T Try<T>(Func<T> parse, string key, string value)
    {
        try
        {
            return parse();
        }
        catch (Exception error) when (error is FormatException or OverflowException or ArgumentException)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"invalid value for {key}: {value}"));
        }
    }
}
