using System.Text.Json;
using Google.Protobuf;
using SwarmNet.EngineApi.Json;
using SwarmNet.Protocol;

namespace SwarmNet.EngineApi.Mapping;

internal static partial class ContainerSpecJson
{
    private static void WriteSecret(Utf8JsonWriter json, SecretReference secret)
    {
        json.WriteStartObject();
        if (secret.File is { } file)
        {
            WriteFile(json, file);
        }
        else
        {
            json.WriteNull("File");
        }

        json.WriteString("SecretID", secret.SecretId);
        json.WriteString("SecretName", secret.SecretName);
        json.WriteEndObject();
    }

    private static void WriteConfig(Utf8JsonWriter json, ConfigReference config)
    {
        json.WriteStartObject();
        if (config.File is { } file)
        {
            WriteFile(json, file);
        }
        else if (config.Runtime is not null)
        {
            json.WriteStartObject("Runtime");
            json.WriteEndObject();
        }

        json.WriteString("ConfigID", config.ConfigId);
        json.WriteString("ConfigName", config.ConfigName);
        json.WriteEndObject();
    }

    private static void WriteFile(Utf8JsonWriter json, FileTarget file)
    {
        json.WriteStartObject("File");
        json.WriteString("Name", file.Name);
        json.WriteString("UID", file.Uid);
        json.WriteString("GID", file.Gid);
        json.WriteNumber("Mode", file.Mode);
        json.WriteEndObject();
    }

    private static SecretReference ReadSecret(GoObject body) => new()
    {
        SecretId = body.String("SecretID"),
        SecretName = body.String("SecretName"),
        File = body.Object("File", "SecretReferenceFileTarget") is { } file ? ReadFile(file) : null,
    };

    private static ConfigReference ReadConfig(GoObject body)
    {
        var config = new ConfigReference { ConfigId = body.String("ConfigID"), ConfigName = body.String("ConfigName") };
        var file = body.Object("File", "ConfigReferenceFileTarget");
        var isRuntime = body.Object("Runtime", "ConfigReferenceRuntimeTarget") is not null;
        switch (file, isRuntime)
        {
            case ({ } target, false):
                config.File = ReadFile(target);
                break;
            case (null, true):
                config.Runtime = new RuntimeTarget();
                break;
            default:
                throw new ConversionException("invalid Config: either File or Runtime should be set");
        }

        return config;
    }

    private static FileTarget ReadFile(GoObject body) => new()
    {
        Name = body.String("Name"),
        Uid = body.String("UID"),
        Gid = body.String("GID"),
        Mode = body.UInt32("Mode"),
    };

    private static void WritePrivileges(Utf8JsonWriter json, Privileges? privileges)
    {
        if (privileges is null)
        {
            return;
        }

        json.WriteStartObject("Privileges");
        if (privileges.CredentialSpec is { } credentials)
        {
            json.WriteStartObject("CredentialSpec");
            json.WriteString("Config", credentials.Config);
            json.WriteString("File", credentials.File);
            json.WriteString("Registry", credentials.Registry);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("CredentialSpec");
        }

        if (privileges.SelinuxContext is { } selinux)
        {
            json.WriteStartObject("SELinuxContext");
            json.WriteBoolean("Disable", selinux.Disable);
            json.WriteString("User", selinux.User);
            json.WriteString("Role", selinux.Role);
            json.WriteString("Type", selinux.Type);
            json.WriteString("Level", selinux.Level);
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("SELinuxContext");
        }

        if (privileges.Seccomp is { } seccomp)
        {
            json.WriteStartObject("Seccomp");
            json.WriteString("Mode", seccomp.Mode.ToString().ToLowerInvariant());
            if (!seccomp.Profile.IsEmpty)
            {
                json.WriteBase64String("Profile", seccomp.Profile.Span);
            }

            json.WriteEndObject();
        }

        if (privileges.Apparmor is { } apparmor)
        {
            json.WriteStartObject("AppArmor");
            json.WriteString("Mode", apparmor.Mode.ToString().ToLowerInvariant());
            json.WriteEndObject();
        }

        json.TrueIfSet("NoNewPrivileges", privileges.NoNewPrivileges);
        json.WriteEndObject();
    }

    private static Privileges ReadPrivileges(GoObject body)
    {
        var privileges = new Privileges { NoNewPrivileges = body.Bool("NoNewPrivileges") };
        if (body.Object("CredentialSpec", "CredentialSpec") is { } credentials)
        {
            privileges.CredentialSpec = ReadCredentials(credentials.String("Config"), credentials.String("File"), credentials.String("Registry"));
        }

        if (body.Object("SELinuxContext", "SELinuxContext") is { } selinux)
        {
            privileges.SelinuxContext = new Privileges.Types.SELinuxContext
            {
                Disable = selinux.Bool("Disable"),
                User = selinux.String("User"),
                Role = selinux.String("Role"),
                Type = selinux.String("Type"),
                Level = selinux.String("Level"),
            };
        }

        if (body.Object("Seccomp", "SeccompOpts") is { } seccomp)
        {
            var mode = seccomp.String("Mode");
            privileges.Seccomp = new Privileges.Types.SeccompOpts
            {
                Profile = UnsafeByteOperations.UnsafeWrap(seccomp.Bytes("Profile")),
                Mode = mode switch
                {
                    "" or "default" => Privileges.Types.SeccompOpts.Types.SeccompMode.Default,
                    "unconfined" => Privileges.Types.SeccompOpts.Types.SeccompMode.Unconfined,
                    "custom" => Privileges.Types.SeccompOpts.Types.SeccompMode.Custom,
                    _ => throw new ConversionException($"unknown seccomp mode: \"{mode}\""),
                },
            };
        }

        if (body.Object("AppArmor", "AppArmorOpts") is { } apparmor)
        {
            var mode = apparmor.String("Mode");
            privileges.Apparmor = new Privileges.Types.AppArmorOpts
            {
                Mode = mode switch
                {
                    "" or "default" => Privileges.Types.AppArmorOpts.Types.AppArmorMode.Default,
                    "disabled" => Privileges.Types.AppArmorOpts.Types.AppArmorMode.Disabled,
                    _ => throw new ConversionException($"unknown AppArmor mode: \"{mode}\""),
                },
            };
        }

        return privileges;
    }

    private static Privileges.Types.CredentialSpec ReadCredentials(string config, string file, string registry) => (config, file, registry) switch
    {
        ("", "", "") => throw new ConversionException(
            "invalid CredentialSpec: must either provide \"file\", \"registry\", or \"config\" for credential spec"),
        (_, "", "") => new Privileges.Types.CredentialSpec { Config = config },
        ("", _, "") => new Privileges.Types.CredentialSpec { File = file },
        ("", "", _) => new Privileges.Types.CredentialSpec { Registry = registry },
        _ => throw new ConversionException("invalid CredentialSpec: cannot specify more than one of config, file, and registry"),
    };
}
