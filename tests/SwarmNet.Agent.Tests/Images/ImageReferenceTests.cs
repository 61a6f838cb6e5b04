using SwarmNet.Agent.Images;

namespace SwarmNet.Agent.Tests.Images;

public class ImageReferenceTests
{
    private const string Digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    [TestCase("busybox", "busybox:latest", "docker.io", "library/busybox")]
    [TestCase("busybox:1.35", "busybox:1.35", "docker.io", "library/busybox")]
    [TestCase("docker.io/library/busybox", "busybox:latest", "docker.io", "library/busybox")]
    [TestCase("index.docker.io/library/busybox:1", "busybox:1", "docker.io", "library/busybox")]
    [TestCase("traefik/whoami", "traefik/whoami:latest", "docker.io", "traefik/whoami")]
    [TestCase("localhost/app", "localhost/app:latest", "localhost", "app")]
    [TestCase("localhost:5000/a/b:v1", "localhost:5000/a/b:v1", "localhost:5000", "a/b")]
    [TestCase("registry.example.com/a__b/c-d.e:V_1", "registry.example.com/a__b/c-d.e:V_1", "registry.example.com", "a__b/c-d.e")]
    [TestCase("busybox@" + Digest, "busybox@" + Digest, "docker.io", "library/busybox")]
    [TestCase("busybox:1.35@" + Digest, "busybox:1.35@" + Digest, "docker.io", "library/busybox")]
    public void A_name_is_normalised_as_Docker_does(string text, string normal, string domain, string path)
    {
        Assert.That(ImageReference.TryParse(text, out var reference, out _), Is.True);
        Assert.That((reference.ToString(), reference.Domain, reference.Path), Is.EqualTo((normal, domain, path)));
    }

    [TestCase("", "invalid reference format")]
    [TestCase("a:b:c", "invalid reference format")]
    [TestCase("a b", "invalid reference format")]
    [TestCase("-a", "invalid reference format")]
    [TestCase("a@sha256:12", "invalid reference format")]
    [TestCase("Busybox:1", "invalid reference format: repository name (Busybox) must be lowercase")]
    public void What_is_no_name_is_refused_with_Dockers_words(string text, string error)
    {
        Assert.That(ImageReference.TryParse(text, out _, out var why), Is.False);
        Assert.That(why, Is.EqualTo(error));
    }
}
