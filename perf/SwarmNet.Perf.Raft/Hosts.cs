using System.Diagnostics;
using System.Net;

namespace SwarmNet.Perf.Raft;

/// <summary>
/// Three hosts of a cluster: network namespaces on a bridge of the namespace that this program runs in. A member that is cut off from others hears
/// nothing of them and is not heard, without a word; the clients reach it all the same.
/// </summary>
internal sealed class Hosts : IDisposable
{
    private readonly string _prefix;
    private readonly int _subnet;
    private int _disposed;

    public Hosts(int subnet)
    {
        _subnet = subnet;
        // Also when the program is told to stop.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Dispose();
        _prefix = $"swnperf{Environment.ProcessId}-{subnet}-";
        Run("ip", $"link add br{subnet} type bridge");
        Run("ip", $"address add 10.254.{subnet}.254/24 dev br{subnet}");
        Run("ip", $"link set br{subnet} up");
        for (int member = 0; member < 3; member++)
        {
            string host = NameOf(member);
            Run("ip", $"netns add {host}");
            Run("ip", $"link add v{subnet}-{member} type veth peer name eth0 netns {host}");
            Run("ip", $"link set v{subnet}-{member} master br{subnet} up");
            Run("ip", $"-n {host} address add {AddressOf(member)}/24 dev eth0");
            Run("ip", $"-n {host} link set eth0 up");
            Run("ip", $"-n {host} link set lo up");
            Run("ip", $"netns exec {host} nft add table inet cut; add set inet cut peers {{ type ipv4_addr; }}; "
                + "add chain inet cut in { type filter hook input priority 0; }; add chain inet cut out { type filter hook output priority 0; }; "
                + "add rule inet cut in ip saddr @peers drop; add rule inet cut out ip daddr @peers drop");
        }
    }

    public string NameOf(int member) => _prefix + member;

    public IPAddress AddressOf(int member) => IPAddress.Parse($"10.254.{_subnet}.{member + 1}");

    public void Cut(int member, params int[] others) =>
        Run("ip", $"netns exec {NameOf(member)} nft add element inet cut peers {{ {string.Join(", ", others.Select(AddressOf))} }}");

    public void Heal(int member) => Run("ip", $"netns exec {NameOf(member)} nft flush set inet cut peers");

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        for (int member = 0; member < 3; member++)
        {
            Run("ip", $"netns delete {NameOf(member)}");
        }

        Run("ip", $"link delete br{_subnet}");
    }

    private static void Run(string program, string arguments)
    {
        // nft takes its command as one argument.
        int at = arguments.IndexOf(" nft ", StringComparison.Ordinal);
        string[] words = at < 0 ? arguments.Split(' ') : [.. arguments[..(at + 4)].Split(' '), arguments[(at + 5)..]];
        using Process process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardError = true })!;
        string errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new IOException($"{program} {arguments}: {errors}");
        }
    }
}
