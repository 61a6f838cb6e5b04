using SwarmNet.Cli.CommandLine;

namespace SwarmNet.Cli.Commands.Flags;

/// <summary>Flags of the service commands: names, defaults and help texts of Docker's CLI.</summary>
internal static class ServiceFlags
{
    public static void Create(FlagSet flags)
    {
        flags.Add("cap-add", "", FlagKind.List, "list", "Add Linux capabilities");
        flags.Add("cap-drop", "", FlagKind.List, "list", "Drop Linux capabilities");
        flags.Add("config", "", FlagKind.List, "config", "Specify configurations to expose to the service", check: FlagChecks.Secret);
        flags.Add("constraint", "", FlagKind.List, "list", "Placement constraints");
        flags.Add("container-label", "", FlagKind.List, "list", "Container labels", check: FlagChecks.Label);
        flags.Add(
            "credential-spec", "", FlagKind.Text, "credential-spec",
            "Credential spec for managed service account (Windows only)", check: FlagChecks.CredentialSpec);
        flags.Bool("detach", "d", "Exit immediately instead of waiting for the service to converge");
        flags.Add("dns", "", FlagKind.List, "list", "Set custom DNS servers", check: FlagChecks.IpAddress);
        flags.Add("dns-option", "", FlagKind.List, "list", "Set DNS options");
        flags.Add("dns-search", "", FlagKind.List, "list", "Set custom DNS search domains");
        flags.Add("endpoint-mode", "", FlagKind.Text, "string", "Endpoint mode (vip or dnsrr) (default \"vip\")", "vip");
        flags.Add(
            "entrypoint", "", FlagKind.Text, "command",
            "Overwrite the default ENTRYPOINT of the image", check: FlagChecks.CommandLine);
        flags.Add("env", "e", FlagKind.List, "list", "Set environment variables", check: FlagChecks.Environment);
        flags.Add("env-file", "", FlagKind.List, "list", "Read in a file of environment variables");
        flags.Add("generic-resource", "", FlagKind.List, "list", "User defined resources", check: FlagChecks.GenericResource);
        flags.Add("group", "", FlagKind.List, "list", "Set one or more supplementary user groups for the container");
        flags.Add("health-cmd", "", FlagKind.Text, "string", "Command to run to check health");
        flags.Add("health-interval", "", FlagKind.Duration, "duration", "Time between running the check (ms|s|m|h)");
        flags.Add("health-retries", "", FlagKind.Int, "int", "Consecutive failures needed to report unhealthy");
        flags.Add(
            "health-start-interval", "", FlagKind.Duration, "duration",
            "Time between running the check during the start period (ms|s|m|h)");
        flags.Add(
            "health-start-period", "", FlagKind.Duration, "duration",
            "Start period for the container to initialize before counting retries towards unstable (ms|s|m|h)");
        flags.Add("health-timeout", "", FlagKind.Duration, "duration", "Maximum time to allow one check to run (ms|s|m|h)");
        flags.Add("host", "", FlagKind.List, "list", "Set one or more custom host-to-IP mappings (host:ip)", check: FlagChecks.ExtraHost);
        flags.Add("hostname", "", FlagKind.Text, "string", "Container hostname");
        flags.Bool("init", "", "Use an init inside each service container to forward signals and reap processes");
        flags.Add("isolation", "", FlagKind.Text, "string", "Service container isolation mode");
        flags.Add("label", "l", FlagKind.List, "list", "Service labels", check: FlagChecks.Label);
        flags.Add("limit-cpu", "", FlagKind.Text, "decimal", "Limit CPUs", check: FlagChecks.Decimal);
        flags.Add("limit-memory", "", FlagKind.Text, "bytes", "Limit Memory", check: FlagChecks.Bytes);
        flags.Add("limit-pids", "", FlagKind.Int, "int", "Limit maximum number of processes (default 0 = unlimited)");
        flags.Add("log-driver", "", FlagKind.Text, "string", "Logging driver for service");
        flags.Add("log-opt", "", FlagKind.List, "list", "Logging driver options");
        flags.Add("max-concurrent", "", FlagKind.UInt, "uint", "Number of job tasks to run concurrently (default equal to --replicas)");
        flags.Add(
            "mode", "", FlagKind.Text, "string",
            "Service mode (\"replicated\", \"global\", \"replicated-job\", \"global-job\") (default \"replicated\")", "replicated");
        flags.Add("mount", "", FlagKind.List, "mount", "Attach a filesystem mount to the service", check: FlagChecks.Mount);
        flags.Add("name", "", FlagKind.Text, "string", "Service name");
        flags.Add("network", "", FlagKind.List, "network", "Network attachments", check: FlagChecks.Network);
        flags.Bool("no-healthcheck", "", "Disable any container-specified HEALTHCHECK");
        flags.Bool("no-resolve-image", "", "Do not query the registry to resolve image digest and supported platforms");
        flags.Add("oom-score-adj", "", FlagKind.Int, "int", "Tune host's OOM preferences (-1000 to 1000)");
        flags.Add("placement-pref", "", FlagKind.List, "pref", "Add a placement preference", check: FlagChecks.Preference);
        flags.Add("publish", "p", FlagKind.List, "port", "Publish a port as a node port", check: FlagChecks.Port);
        flags.Bool("quiet", "q", "Suppress progress output");
        flags.Bool("read-only", "", "Mount the container's root filesystem as read only");
        flags.Add("replicas", "", FlagKind.UInt, "uint", "Number of tasks");
        flags.Add("replicas-max-per-node", "", FlagKind.UInt, "uint", "Maximum number of tasks per node (default 0 = unlimited)");
        flags.Add("reserve-cpu", "", FlagKind.Text, "decimal", "Reserve CPUs", check: FlagChecks.Decimal);
        flags.Add("reserve-memory", "", FlagKind.Text, "bytes", "Reserve Memory", check: FlagChecks.Bytes);
        flags.Add(
            "restart-condition", "", FlagKind.Text, "string",
            "Restart when condition is met (\"none\", \"on-failure\", \"any\") (default \"any\")", "any");
        flags.Add("restart-delay", "", FlagKind.Duration, "duration", "Delay between restart attempts (ns|us|ms|s|m|h) (default 5s)", "5s");
        flags.Add("restart-max-attempts", "", FlagKind.UInt, "uint", "Maximum number of restarts before giving up");
        flags.Add("restart-window", "", FlagKind.Duration, "duration", "Window used to evaluate the restart policy (ns|us|ms|s|m|h)");
        flags.Add("rollback-delay", "", FlagKind.Duration, "duration", "Delay between task rollbacks (ns|us|ms|s|m|h) (default 0s)", "0s");
        flags.Add(
            "rollback-failure-action", "", FlagKind.Text, "string",
            "Action on rollback failure (\"pause\", \"continue\") (default \"pause\")", "pause");
        flags.Add("rollback-max-failure-ratio", "", FlagKind.Float, "float", "Failure rate to tolerate during a rollback (default 0)", "0");
        flags.Add(
            "rollback-monitor", "", FlagKind.Duration, "duration",
            "Duration after each task rollback to monitor for failure (ns|us|ms|s|m|h) (default 5s)", "5s");
        flags.Add(
            "rollback-order", "", FlagKind.Text, "string",
            "Rollback order (\"start-first\", \"stop-first\") (default \"stop-first\")", "stop-first");
        flags.Add(
            "rollback-parallelism", "", FlagKind.UInt, "uint",
            "Maximum number of tasks rolled back simultaneously (0 to roll back all at once) (default 1)", "1");
        flags.Add("secret", "", FlagKind.List, "secret", "Specify secrets to expose to the service", check: FlagChecks.Secret);
        flags.Add(
            "stop-grace-period", "", FlagKind.Duration, "duration",
            "Time to wait before force killing a container (ns|us|ms|s|m|h) (default 10s)", "10s");
        flags.Add("stop-signal", "", FlagKind.Text, "string", "Signal to stop the container");
        flags.Add("sysctl", "", FlagKind.List, "list", "Sysctl options");
        flags.Bool("tty", "t", "Allocate a pseudo-TTY");
        flags.Add("ulimit", "", FlagKind.List, "ulimit", "Ulimit options (default [])", check: FlagChecks.Ulimit);
        flags.Add("update-delay", "", FlagKind.Duration, "duration", "Delay between updates (ns|us|ms|s|m|h) (default 0s)", "0s");
        flags.Add(
            "update-failure-action", "", FlagKind.Text, "string",
            "Action on update failure (\"pause\", \"continue\", \"rollback\") (default \"pause\")", "pause");
        flags.Add("update-max-failure-ratio", "", FlagKind.Float, "float", "Failure rate to tolerate during an update (default 0)", "0");
        flags.Add(
            "update-monitor", "", FlagKind.Duration, "duration",
            "Duration after each task update to monitor for failure (ns|us|ms|s|m|h) (default 5s)", "5s");
        flags.Add(
            "update-order", "", FlagKind.Text, "string",
            "Update order (\"start-first\", \"stop-first\") (default \"stop-first\")", "stop-first");
        flags.Add(
            "update-parallelism", "", FlagKind.UInt, "uint",
            "Maximum number of tasks updated simultaneously (0 to update all at once) (default 1)", "1");
        flags.Add("user", "u", FlagKind.Text, "string", "Username or UID (format: <name|uid>[:<group|gid>])");
        flags.Bool("with-registry-auth", "", "Send registry authentication details to swarm agents");
        flags.Add("workdir", "w", FlagKind.Text, "string", "Working directory inside the container");
    }

    public static void Update(FlagSet flags)
    {
        flags.Add("args", "", FlagKind.Text, "command", "Service command args", check: FlagChecks.CommandLine);
        flags.Add("cap-add", "", FlagKind.List, "list", "Add Linux capabilities");
        flags.Add("cap-drop", "", FlagKind.List, "list", "Drop Linux capabilities");
        flags.Add("config-add", "", FlagKind.List, "config", "Add or update a config file on a service", check: FlagChecks.Secret);
        flags.Add("config-rm", "", FlagKind.List, "list", "Remove a configuration file");
        flags.Add("constraint-add", "", FlagKind.List, "list", "Add or update a placement constraint");
        flags.Add("constraint-rm", "", FlagKind.List, "list", "Remove a constraint");
        flags.Add("container-label-add", "", FlagKind.List, "list", "Add or update a container label", check: FlagChecks.Label);
        flags.Add("container-label-rm", "", FlagKind.List, "list", "Remove a container label by its key");
        flags.Add(
            "credential-spec", "", FlagKind.Text, "credential-spec",
            "Credential spec for managed service account (Windows only)", check: FlagChecks.CredentialSpec);
        flags.Bool("detach", "d", "Exit immediately instead of waiting for the service to converge");
        flags.Add("dns-add", "", FlagKind.List, "list", "Add or update a custom DNS server", check: FlagChecks.IpAddress);
        flags.Add("dns-option-add", "", FlagKind.List, "list", "Add or update a DNS option");
        flags.Add("dns-option-rm", "", FlagKind.List, "list", "Remove a DNS option");
        flags.Add("dns-rm", "", FlagKind.List, "list", "Remove a custom DNS server");
        flags.Add("dns-search-add", "", FlagKind.List, "list", "Add or update a custom DNS search domain");
        flags.Add("dns-search-rm", "", FlagKind.List, "list", "Remove a DNS search domain");
        flags.Add("endpoint-mode", "", FlagKind.Text, "string", "Endpoint mode (vip or dnsrr)");
        flags.Add(
            "entrypoint", "", FlagKind.Text, "command",
            "Overwrite the default ENTRYPOINT of the image", check: FlagChecks.CommandLine);
        flags.Add("env-add", "", FlagKind.List, "list", "Add or update an environment variable", check: FlagChecks.Environment);
        flags.Add("env-rm", "", FlagKind.List, "list", "Remove an environment variable");
        flags.Bool("force", "", "Force update even if no changes require it");
        flags.Add("generic-resource-add", "", FlagKind.List, "list", "Add a Generic resource", check: FlagChecks.GenericResource);
        flags.Add("generic-resource-rm", "", FlagKind.List, "list", "Remove a Generic resource");
        flags.Add("group-add", "", FlagKind.List, "list", "Add an additional supplementary user group to the container");
        flags.Add("group-rm", "", FlagKind.List, "list", "Remove a previously added supplementary user group from the container");
        flags.Add("health-cmd", "", FlagKind.Text, "string", "Command to run to check health");
        flags.Add("health-interval", "", FlagKind.Duration, "duration", "Time between running the check (ms|s|m|h)");
        flags.Add("health-retries", "", FlagKind.Int, "int", "Consecutive failures needed to report unhealthy");
        flags.Add(
            "health-start-interval", "", FlagKind.Duration, "duration",
            "Time between running the check during the start period (ms|s|m|h)");
        flags.Add(
            "health-start-period", "", FlagKind.Duration, "duration",
            "Start period for the container to initialize before counting retries towards unstable (ms|s|m|h)");
        flags.Add("health-timeout", "", FlagKind.Duration, "duration", "Maximum time to allow one check to run (ms|s|m|h)");
        flags.Add("host-add", "", FlagKind.List, "list", "Add a custom host-to-IP mapping (\"host:ip\")", check: FlagChecks.ExtraHost);
        flags.Add("host-rm", "", FlagKind.List, "list", "Remove a custom host-to-IP mapping (\"host:ip\")");
        flags.Add("hostname", "", FlagKind.Text, "string", "Container hostname");
        flags.Add("image", "", FlagKind.Text, "string", "Service image tag");
        flags.Bool("init", "", "Use an init inside each service container to forward signals and reap processes");
        flags.Add("isolation", "", FlagKind.Text, "string", "Service container isolation mode");
        flags.Add("label-add", "", FlagKind.List, "list", "Add or update a service label", check: FlagChecks.Label);
        flags.Add("label-rm", "", FlagKind.List, "list", "Remove a label by its key");
        flags.Add("limit-cpu", "", FlagKind.Text, "decimal", "Limit CPUs", check: FlagChecks.Decimal);
        flags.Add("limit-memory", "", FlagKind.Text, "bytes", "Limit Memory", check: FlagChecks.Bytes);
        flags.Add("limit-pids", "", FlagKind.Int, "int", "Limit maximum number of processes (default 0 = unlimited)");
        flags.Add("log-driver", "", FlagKind.Text, "string", "Logging driver for service");
        flags.Add("log-opt", "", FlagKind.List, "list", "Logging driver options");
        flags.Add("max-concurrent", "", FlagKind.UInt, "uint", "Number of job tasks to run concurrently (default equal to --replicas)");
        flags.Add("mount-add", "", FlagKind.List, "mount", "Add or update a mount on a service", check: FlagChecks.Mount);
        flags.Add("mount-rm", "", FlagKind.List, "list", "Remove a mount by its target path");
        flags.Add("network-add", "", FlagKind.List, "network", "Add a network", check: FlagChecks.Network);
        flags.Add("network-rm", "", FlagKind.List, "list", "Remove a network");
        flags.Bool("no-healthcheck", "", "Disable any container-specified HEALTHCHECK");
        flags.Bool("no-resolve-image", "", "Do not query the registry to resolve image digest and supported platforms");
        flags.Add("oom-score-adj", "", FlagKind.Int, "int", "Tune host's OOM preferences (-1000 to 1000)");
        flags.Add("placement-pref-add", "", FlagKind.List, "pref", "Add a placement preference", check: FlagChecks.Preference);
        flags.Add("placement-pref-rm", "", FlagKind.List, "pref", "Remove a placement preference", check: FlagChecks.Preference);
        flags.Add("publish-add", "", FlagKind.List, "port", "Add or update a published port", check: FlagChecks.Port);
        flags.Add("publish-rm", "", FlagKind.List, "port", "Remove a published port by its target port", check: FlagChecks.Port);
        flags.Bool("quiet", "q", "Suppress progress output");
        flags.Bool("read-only", "", "Mount the container's root filesystem as read only");
        flags.Add("replicas", "", FlagKind.UInt, "uint", "Number of tasks");
        flags.Add("replicas-max-per-node", "", FlagKind.UInt, "uint", "Maximum number of tasks per node (default 0 = unlimited)");
        flags.Add("reserve-cpu", "", FlagKind.Text, "decimal", "Reserve CPUs", check: FlagChecks.Decimal);
        flags.Add("reserve-memory", "", FlagKind.Text, "bytes", "Reserve Memory", check: FlagChecks.Bytes);
        flags.Add("restart-condition", "", FlagKind.Text, "string", "Restart when condition is met (\"none\", \"on-failure\", \"any\")");
        flags.Add("restart-delay", "", FlagKind.Duration, "duration", "Delay between restart attempts (ns|us|ms|s|m|h)");
        flags.Add("restart-max-attempts", "", FlagKind.UInt, "uint", "Maximum number of restarts before giving up");
        flags.Add("restart-window", "", FlagKind.Duration, "duration", "Window used to evaluate the restart policy (ns|us|ms|s|m|h)");
        flags.Bool("rollback", "", "Rollback to previous specification");
        flags.Add("rollback-delay", "", FlagKind.Duration, "duration", "Delay between task rollbacks (ns|us|ms|s|m|h)");
        flags.Add("rollback-failure-action", "", FlagKind.Text, "string", "Action on rollback failure (\"pause\", \"continue\")");
        flags.Add("rollback-max-failure-ratio", "", FlagKind.Float, "float", "Failure rate to tolerate during a rollback");
        flags.Add(
            "rollback-monitor", "", FlagKind.Duration, "duration",
            "Duration after each task rollback to monitor for failure (ns|us|ms|s|m|h)");
        flags.Add("rollback-order", "", FlagKind.Text, "string", "Rollback order (\"start-first\", \"stop-first\")");
        flags.Add(
            "rollback-parallelism", "", FlagKind.UInt, "uint",
            "Maximum number of tasks rolled back simultaneously (0 to roll back all at once)");
        flags.Add("secret-add", "", FlagKind.List, "secret", "Add or update a secret on a service", check: FlagChecks.Secret);
        flags.Add("secret-rm", "", FlagKind.List, "list", "Remove a secret");
        flags.Add("stop-grace-period", "", FlagKind.Duration, "duration", "Time to wait before force killing a container (ns|us|ms|s|m|h)");
        flags.Add("stop-signal", "", FlagKind.Text, "string", "Signal to stop the container");
        flags.Add("sysctl-add", "", FlagKind.List, "list", "Add or update a Sysctl option");
        flags.Add("sysctl-rm", "", FlagKind.List, "list", "Remove a Sysctl option");
        flags.Bool("tty", "t", "Allocate a pseudo-TTY");
        flags.Add("ulimit-add", "", FlagKind.List, "ulimit", "Add or update a ulimit option (default [])", check: FlagChecks.Ulimit);
        flags.Add("ulimit-rm", "", FlagKind.List, "list", "Remove a ulimit option");
        flags.Add("update-delay", "", FlagKind.Duration, "duration", "Delay between updates (ns|us|ms|s|m|h)");
        flags.Add("update-failure-action", "", FlagKind.Text, "string", "Action on update failure (\"pause\", \"continue\", \"rollback\")");
        flags.Add("update-max-failure-ratio", "", FlagKind.Float, "float", "Failure rate to tolerate during an update");
        flags.Add(
            "update-monitor", "", FlagKind.Duration, "duration",
            "Duration after each task update to monitor for failure (ns|us|ms|s|m|h)");
        flags.Add("update-order", "", FlagKind.Text, "string", "Update order (\"start-first\", \"stop-first\")");
        flags.Add(
            "update-parallelism", "", FlagKind.UInt, "uint",
            "Maximum number of tasks updated simultaneously (0 to update all at once)");
        flags.Add("user", "u", FlagKind.Text, "string", "Username or UID (format: <name|uid>[:<group|gid>])");
        flags.Bool("with-registry-auth", "", "Send registry authentication details to swarm agents");
        flags.Add("workdir", "w", FlagKind.Text, "string", "Working directory inside the container");
    }

    public static void Ls(FlagSet flags)
    {
        flags.Add("filter", "f", FlagKind.List, "filter", "Filter output based on conditions provided", check: FlagChecks.Filter);
        flags.Add("format", "", FlagKind.Text, "string", FlagTexts.ListFormat);
        flags.Bool("quiet", "q", "Only display IDs");
    }

    public static void Ps(FlagSet flags)
    {
        flags.Add("filter", "f", FlagKind.List, "filter", "Filter output based on conditions provided", check: FlagChecks.Filter);
        flags.Add("format", "", FlagKind.Text, "string", "Pretty-print tasks using a Go template");
        flags.Bool("no-resolve", "", "Do not map IDs to Names");
        flags.Bool("no-trunc", "", "Do not truncate output");
        flags.Bool("quiet", "q", "Only display task IDs");
    }

    public static void Inspect(FlagSet flags)
    {
        flags.Add("format", "f", FlagKind.Text, "string", FlagTexts.InspectFormat);
        flags.Bool("pretty", "", "Print the information in a human friendly format");
    }

    public static void Logs(FlagSet flags)
    {
        flags.Bool("details", "", "Show extra details provided to logs");
        flags.Bool("follow", "f", "Follow log output");
        flags.Bool("no-resolve", "", "Do not map IDs to Names in output");
        flags.Bool("no-task-ids", "", "Do not include task IDs in output");
        flags.Bool("no-trunc", "", "Do not truncate output");
        flags.Bool("raw", "", "Do not neatly format logs");
        flags.Add(
            "since", "", FlagKind.Text, "string",
            "Show logs since timestamp (e.g. \"2013-01-02T13:23:37Z\") or relative (e.g. \"42m\" for 42 minutes)");
        flags.Add("tail", "n", FlagKind.Text, "string", "Number of lines to show from the end of the logs (default \"all\")", "all");
        flags.Bool("timestamps", "t", "Show timestamps");
    }

    public static void Scale(FlagSet flags)
    {
        flags.Bool("detach", "d", "Exit immediately instead of waiting for the service to converge");
    }

    public static void Rollback(FlagSet flags)
    {
        flags.Bool("detach", "d", "Exit immediately instead of waiting for the service to converge");
        flags.Bool("quiet", "q", "Suppress progress output");
    }
}
