using System.Globalization;
using SwarmNet.Cli.Formatting;

namespace SwarmNet.Cli.CommandLine;

/// <summary>The flags of one command and the values given to them. Parsing is pflag's: <c>--name=value</c>, <c>-abc</c>, flags between arguments.</summary>
internal sealed class FlagSet
{
    private readonly Dictionary<string, Flag> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<char, Flag> _byShorthand = [];
    private readonly Dictionary<string, List<string>> _values = new(StringComparer.Ordinal);

    public ICollection<Flag> All => _byName.Values;

    public bool HelpAsked { get; private set; }

    public void Add(Flag flag)
    {
        _byName.Add(flag.Name, flag);
        if (flag.Shorthand.Length == 1)
        {
            _byShorthand.Add(flag.Shorthand[0], flag);
        }
    }

    public void Bool(string name, string shorthand, string usage, bool @default = false) =>
        Add(new Flag(name, shorthand, FlagKind.Bool, "", usage, @default ? "true" : ""));

    public void Add(string name, string shorthand, FlagKind kind, string typeName, string usage, string @default = "", Action<string>? check = null) =>
        Add(new Flag(name, shorthand, kind, typeName, usage, @default, check));

    /// <summary>Reads arguments; returns those that are no flags. Stops at the first of them when <paramref name="interspersed"/> is false.</summary>
    public List<string> Parse(ReadOnlySpan<string> args, bool interspersed)
    {
        var rest = new List<string>();
        for (var i = 0; i < args.Length; i++)
        {
            var arg = args[i];
            if (arg.Length < 2 || arg[0] != '-')
            {
                rest.Add(arg);
                if (!interspersed)
                {
                    rest.AddRange(args[(i + 1)..]);
                    break;
                }
            }
            else if (arg == "--")
            {
                rest.AddRange(args[(i + 1)..]);
                break;
            }
            else if (arg[1] == '-')
            {
                ParseLong(arg, args, ref i);
            }
            else
            {
                ParseShort(arg, args, ref i);
            }

            if (HelpAsked)
            {
                break;
            }
        }

        return rest;
    }

    public bool Changed(string name) => _values.ContainsKey(name);

    public bool ChangedAny(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Changed(name))
            {
                return true;
            }
        }

        return false;
    }

    public string Text(string name) => _values.TryGetValue(name, out var values) ? values[^1] : _byName[name].Default;

    public bool IsSet(string name) => ParseBool(Text(name)) ?? false;

    public long Int(string name) => Text(name) is { Length: > 0 } text ? GoNumber.ParseInt(text) : 0;

    public ulong UInt(string name) => Text(name) is { Length: > 0 } text ? GoNumber.ParseUInt(text) : 0;

    public double Float(string name) => Text(name) is { Length: > 0 } text ? double.Parse(text, CultureInfo.InvariantCulture) : 0;

    /// <summary>Nanoseconds.</summary>
    public long Duration(string name) => Text(name) is { Length: > 0 } text ? GoDuration.Parse(text) : 0;

    public IReadOnlyList<string> List(string name) => _values.TryGetValue(name, out var values) ? values : [];

    public static bool? ParseBool(string text) => text switch
    {
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        _ => null,
    };

    private void ParseLong(string arg, ReadOnlySpan<string> args, ref int i)
    {
        var equals = arg.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? arg[2..] : arg[2..equals];
        if (name.Length == 0 || name[0] is '-' or '=')
        {
            throw new FormatException($"bad flag syntax: {arg}");
        }

        if (!_byName.TryGetValue(name, out var flag))
        {
            if (name == "help")
            {
                HelpAsked = true;
                return;
            }

            throw new FormatException($"unknown flag: --{name}");
        }

        if (equals >= 0)
        {
            Set(flag, arg[(equals + 1)..]);
        }
        else if (flag.Kind == FlagKind.Bool)
        {
            Set(flag, "true");
        }
        else if (i + 1 < args.Length)
        {
            Set(flag, args[++i]);
        }
        else
        {
            throw new FormatException($"flag needs an argument: {arg}");
        }
    }

    private void ParseShort(string arg, ReadOnlySpan<string> args, ref int i)
    {
        for (var at = 1; at < arg.Length; at++)
        {
            if (!_byShorthand.TryGetValue(arg[at], out var flag))
            {
                if (arg[at] == 'h')
                {
                    HelpAsked = true;
                    return;
                }

                throw new FormatException($"unknown shorthand flag: '{arg[at]}' in -{arg[at..]}");
            }

            if (at + 2 < arg.Length && arg[at + 1] == '=')
            {
                Set(flag, arg[(at + 2)..]);
                return;
            }

            if (flag.Kind == FlagKind.Bool)
            {
                Set(flag, "true");
                continue;
            }

            if (at + 1 < arg.Length)
            {
                Set(flag, arg[(at + 1)..]);
                return;
            }

            if (i + 1 >= args.Length)
            {
                throw new FormatException($"flag needs an argument: '{arg[at]}' in -{arg[at..]}");
            }

            Set(flag, args[++i]);
        }
    }

    private void Set(Flag flag, string value)
    {
        try
        {
            CheckKind(flag.Kind, value);
            flag.Check?.Invoke(value);
        }
        catch (FormatException error)
        {
            throw new FormatException($"invalid argument {GoText.Quote(value)} for \"{flag.Display}\" flag: {error.Message}");
        }

        if (!_values.TryGetValue(flag.Name, out var values))
        {
            _values[flag.Name] = values = [];
        }

        if (flag.Kind is FlagKind.Strings)
        {
            values.AddRange(value.Split(','));
        }
        else
        {
            values.Add(value);
        }
    }

    private static void CheckKind(FlagKind kind, string value)
    {
        switch (kind)
        {
            case FlagKind.Bool when ParseBool(value) is null:
                throw new FormatException($"strconv.ParseBool: parsing {GoText.Quote(value)}: invalid syntax");
            case FlagKind.Int or FlagKind.Int64:
                GoNumber.ParseInt(value);
                break;
            case FlagKind.UInt:
                GoNumber.ParseUInt(value);
                break;
            case FlagKind.UInt32:
                GoNumber.ParseUInt(value, uint.MaxValue);
                break;
            case FlagKind.Float:
                GoNumber.ParseFloat(value);
                break;
            case FlagKind.Duration:
                GoDuration.Parse(value);
                break;
            default:
                break;
        }
    }
}
