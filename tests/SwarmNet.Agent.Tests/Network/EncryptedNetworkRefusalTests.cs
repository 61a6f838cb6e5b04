using System.Net.Sockets;
using SwarmNet.Agent.Tasks;
using SwarmNet.Overlay.Encryption;

namespace SwarmNet.Agent.Tests.Network;

/// <summary>On a kernel without ESP; on others the guest's tests say what happens.</summary>
[Category("Kernel")]
public sealed class EncryptedNetworkRefusalTests
{
    [Test]
    public async Task A_task_on_an_encrypted_network_is_refused_with_the_name_of_what_the_kernel_lacks()
    {
        if (EncryptionProbe.WhatIsMissing(AddressFamily.InterNetwork) is not { } missing)
        {
            Assert.Ignore("This kernel has all that encrypted networks need.");
            return;
        }

        using var folder = new TemporaryFolder();
        await using var network = EncryptedTasks.Open(folder);
        await network.UseKeysAsync(EncryptedTasks.Keys(1), default);
        var refusal = (await Assert.ThrowsAsync<TaskException>(() => network.CreateSandboxAsync(EncryptedTasks.Task("t1", "n1", isEncrypted: true), "c1", default)))!;
        Assert.That(refusal.Message, Is.EqualTo($"network secret must be encrypted, but this host cannot encrypt networks: {missing}"));
        Assert.That(refusal.IsTemporary, Is.False);
        Assert.That(missing, Does.Contain("CONFIG_"));
        Assert.That(Directory.GetFiles(folder["netns"]), Is.Empty, "nothing is half made");
    }
}
