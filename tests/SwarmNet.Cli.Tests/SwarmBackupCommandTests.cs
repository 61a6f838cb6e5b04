using System.Text;
using SwarmNet.Ca;
using SwarmNet.Manager.AtRest;

namespace SwarmNet.Cli.Tests;

/// <summary>Backup and restore, which are ours alone.</summary>
[TestFixture]
internal sealed class SwarmBackupCommandTests
{
    private static readonly UnlockKey _unlock = UnlockKey.Create();

    private string _folder = null!;

    [SetUp]
    public void SetUp() => _folder = Directory.CreateTempSubdirectory("swarm-cli-").FullName;

    [TearDown]
    public void TearDown() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void A_backup_is_written_for_its_owner_alone([Values] bool locked)
    {
        var backup = Backup(locked);
        using var engine = new CannedEngine().On("GET /swarm/backup", backup, contentType: "application/octet-stream");
        var path = Path.Combine(_folder, "swarm.backup");
        File.WriteAllText(path, "an older one");
        var result = new Cli("swarm").Run(engine, "backup", path);
        Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "")));
        Assert.That(result.Out, Does.StartWith($"Swarm backed up to {path} ({backup.Length} bytes).\n")
            .And.Contain(locked ? "sealed with the swarm's unlock key" : "keep it where nobody else can read it"));
        Assert.That(File.ReadAllBytes(path), Is.EqualTo(backup));
        Assert.That(File.GetUnixFileMode(path), Is.EqualTo(UnixFileMode.UserRead | UnixFileMode.UserWrite));
        Assert.That(Directory.GetFiles(_folder), Has.Length.EqualTo(1));
    }

    [Test]
    public void What_is_no_whole_backup_is_not_written()
    {
        using var engine = new CannedEngine().On("GET /swarm/backup", Backup(false)[..^1], contentType: "application/octet-stream");
        var result = new Cli("swarm").Run(engine, "backup", Path.Combine(_folder, "swarm.backup"));
        Assert.That((result.ExitCode, result.Out, result.Error), Is.EqualTo((1, "", "what the daemon sent is not a whole backup: nothing was written, try again\n")));
        Assert.That(Directory.GetFiles(_folder), Is.Empty);
    }

    [Test]
    public void A_path_that_cannot_be_written_is_told()
    {
        using var engine = new CannedEngine().On("GET /swarm/backup", Backup(false), contentType: "application/octet-stream");
        var result = new Cli("swarm").Run(engine, "backup", Path.Combine(_folder, "missing", "swarm.backup"));
        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Does.StartWith("the backup could not be written to"));
    }

    [Test]
    public void Restoring_sends_the_file_with_addresses_and_the_key_of_a_sealed_one([Values] bool locked)
    {
        var backup = Backup(locked);
        var path = Path.Combine(_folder, "swarm.backup");
        File.WriteAllBytes(path, backup);
        const string Restore = "/swarm/restore?listenAddr=0.0.0.0%3A2377&advertiseAddr=10.0.0.7&dataPathAddr=&force=0";
        using var engine = new CannedEngine()
            .On("POST " + Restore, """{"NodeID":"m1"}""")
            .On("GET /nodes/m1", """{"ID":"m1","ManagerStatus":{"Addr":"10.0.0.7:2377"}}""")
            .On("GET /swarm", """{"JoinTokens":{"Worker":"SWMTKN-1-d-w","Manager":"SWMTKN-1-d-m"}}""");
        var result = new Cli("swarm") { Input = Encoding.UTF8.GetBytes($"  {_unlock} \n") }.Run(engine, "restore", "--advertise-addr", "10.0.0.7", path);
        Assert.That((result.ExitCode, result.Error), Is.EqualTo((0, "")));
        Assert.That(result.Out, Does.StartWith("Swarm restored: current node (m1) is now its only manager.\n")
            .And.Contain("swarm join --token SWMTKN-1-d-w 10.0.0.7:2377").And.Contain("swarm join --token SWMTKN-1-d-m 10.0.0.7:2377"));
        var sent = engine.Requests.Single(request => request.Path == Restore);
        Assert.That(sent.Body, Is.EqualTo(Encoding.UTF8.GetString(backup)));
        Assert.That(sent.Headers.GetValueOrDefault("X-Swarm-Unlock-Key"), Is.EqualTo(locked ? _unlock.ToString() : null));
    }

    [Test]
    public void A_file_that_is_not_there_is_told_without_asking_the_daemon()
    {
        var result = new Cli("swarm").Run(null, "restore", Path.Combine(_folder, "none"));
        Assert.That(result.ExitCode, Is.EqualTo(1));
        Assert.That(result.Error, Does.StartWith("the backup cannot be read: "));
    }

    private static byte[] Backup(bool locked) =>
        BackupCodec.Encode(new BackupHeader("cluster", "m1", 41, 6, DateTimeOffset.UnixEpoch), "state"u8, locked ? _unlock : null);
}
