using SwarmNet.Cli.CommandLine;

namespace SwarmNet.Cli.Commands.Flags;

/// <summary>Flags of the swarm commands: names, defaults and help texts of Docker's CLI.</summary>
internal static class SwarmFlags
{
    public static void Init(FlagSet flags)
    {
        flags.Add("advertise-addr", "", FlagKind.Text, "string", "Advertised address (format: \"<ip|interface>[:port]\")");
        flags.Bool("autolock", "", "Enable manager autolocking (requiring an unlock key to start a stopped manager)");
        flags.Add(
            "availability", "", FlagKind.Text, "string",
            "Availability of the node (\"active\", \"pause\", \"drain\") (default \"active\")", "active");
        flags.Add(
            "cert-expiry", "", FlagKind.Duration, "duration",
            "Validity period for node certificates (ns|us|ms|s|m|h) (default 2160h0m0s)", "2160h0m0s");
        flags.Add(
            "data-path-addr", "", FlagKind.Text, "string",
            "Address or interface to use for data path traffic (format: \"<ip|interface>\")");
        flags.Add(
            "data-path-port", "", FlagKind.UInt32, "uint32",
            "Port number to use for data path traffic (1024 - 49151). If no value is set or is set to 0, the default port (4789) is used.");
        flags.Add(
            "default-addr-pool", "", FlagKind.List, "ipNetSlice",
            "default address pool in CIDR format (default [])", check: FlagChecks.Subnets);
        flags.Add(
            "default-addr-pool-mask-length", "", FlagKind.UInt32, "uint32",
            "default address pool subnet mask length (default 24)", "24");
        flags.Add(
            "dispatcher-heartbeat", "", FlagKind.Duration, "duration",
            "Dispatcher heartbeat period (ns|us|ms|s|m|h) (default 5s)", "5s");
        flags.Add(
            "external-ca", "", FlagKind.List, "external-ca",
            "Specifications of one or more certificate signing endpoints", check: FlagChecks.ExternalCa);
        flags.Bool("force-new-cluster", "", "Force create a new cluster from current state");
        flags.Add(
            "listen-addr", "", FlagKind.Text, "node-addr",
            "Listen address (format: \"<ip|interface>[:port]\") (default 0.0.0.0:2377)", "0.0.0.0:2377", check: FlagChecks.NodeAddress);
        flags.Add("max-snapshots", "", FlagKind.UInt, "uint", "Number of additional Raft snapshots to retain");
        flags.Add("snapshot-interval", "", FlagKind.UInt, "uint", "Number of log entries between Raft snapshots (default 10000)", "10000");
        flags.Add("task-history-limit", "", FlagKind.Int, "int", "Task history retention limit (default 5)", "5");
    }

    public static void Join(FlagSet flags)
    {
        flags.Add("advertise-addr", "", FlagKind.Text, "string", "Advertised address (format: \"<ip|interface>[:port]\")");
        flags.Add(
            "availability", "", FlagKind.Text, "string",
            "Availability of the node (\"active\", \"pause\", \"drain\") (default \"active\")", "active");
        flags.Add(
            "data-path-addr", "", FlagKind.Text, "string",
            "Address or interface to use for data path traffic (format: \"<ip|interface>\")");
        flags.Add(
            "listen-addr", "", FlagKind.Text, "node-addr",
            "Listen address (format: \"<ip|interface>[:port]\") (default 0.0.0.0:2377)", "0.0.0.0:2377", check: FlagChecks.NodeAddress);
        flags.Add("token", "", FlagKind.Text, "string", "Token for entry into the swarm");
    }

    public static void JoinToken(FlagSet flags)
    {
        flags.Bool("quiet", "q", "Only display token");
        flags.Bool("rotate", "", "Rotate join token");
    }

    public static void Leave(FlagSet flags)
    {
        flags.Bool("force", "f", "Force this node to leave the swarm, ignoring warnings");
    }

    public static void Restore(FlagSet flags)
    {
        flags.Add("advertise-addr", "", FlagKind.Text, "string", "Advertised address (format: \"<ip|interface>[:port]\")");
        flags.Add(
            "data-path-addr", "", FlagKind.Text, "string",
            "Address or interface to use for data path traffic (format: \"<ip|interface>\")");
        flags.Bool("force", "f", "Restore even while the swarm of the backup still answers somewhere");
        flags.Add(
            "listen-addr", "", FlagKind.Text, "node-addr",
            "Listen address (format: \"<ip|interface>[:port]\") (default 0.0.0.0:2377)", "0.0.0.0:2377", check: FlagChecks.NodeAddress);
    }

    public static void Update(FlagSet flags)
    {
        flags.Bool("autolock", "", "Change manager autolocking setting (true|false)");
        flags.Add(
            "cert-expiry", "", FlagKind.Duration, "duration",
            "Validity period for node certificates (ns|us|ms|s|m|h) (default 2160h0m0s)", "2160h0m0s");
        flags.Add(
            "dispatcher-heartbeat", "", FlagKind.Duration, "duration",
            "Dispatcher heartbeat period (ns|us|ms|s|m|h) (default 5s)", "5s");
        flags.Add(
            "external-ca", "", FlagKind.List, "external-ca",
            "Specifications of one or more certificate signing endpoints", check: FlagChecks.ExternalCa);
        flags.Add("max-snapshots", "", FlagKind.UInt, "uint", "Number of additional Raft snapshots to retain");
        flags.Add("snapshot-interval", "", FlagKind.UInt, "uint", "Number of log entries between Raft snapshots (default 10000)", "10000");
        flags.Add("task-history-limit", "", FlagKind.Int, "int", "Task history retention limit (default 5)", "5");
    }

    public static void UnlockKey(FlagSet flags)
    {
        flags.Bool("quiet", "q", "Only display token");
        flags.Bool("rotate", "", "Rotate unlock key");
    }

    public static void Ca(FlagSet flags)
    {
        flags.Add(
            "ca-cert", "", FlagKind.Text, "pem-file",
            "Path to the PEM-formatted root CA certificate to use for the new cluster", check: FlagChecks.PemFile);
        flags.Add(
            "ca-key", "", FlagKind.Text, "pem-file",
            "Path to the PEM-formatted root CA key to use for the new cluster", check: FlagChecks.PemFile);
        flags.Add(
            "cert-expiry", "", FlagKind.Duration, "duration",
            "Validity period for node certificates (ns|us|ms|s|m|h) (default 2160h0m0s)", "2160h0m0s");
        flags.Bool("detach", "d", "Exit immediately instead of waiting for the root rotation to converge");
        flags.Add(
            "external-ca", "", FlagKind.List, "external-ca",
            "Specifications of one or more certificate signing endpoints", check: FlagChecks.ExternalCa);
        flags.Bool("quiet", "q", "Suppress progress output");
        flags.Bool("rotate", "", "Rotate the swarm CA - if no certificate or key are provided, new ones will be generated");
    }
}
