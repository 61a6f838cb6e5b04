using SwarmNet.Linux;
using SwarmNet.Netlink.Route;

namespace SwarmNet.Overlay;

/// <summary>A namespace that was given interfaces on overlay networks and the gateway.</summary>
public static class EndpointNamespace
{
    /// <summary>
    /// Removes the namespace's interfaces and its pin. Without this the kernel removes the interfaces some time after the namespace's last user is gone,
    /// and until then the networks count them as attached. A namespace that is gone is no error.
    /// </summary>
    /// <param name="path">Its pin.</param>
    /// <exception cref="LinuxException">The pin cannot be removed.</exception>
    public static void Delete(string path)
    {
        if (TryOpen(path) is { } ns)
        {
            using (ns)
            using (Rtnetlink links = Rtnetlink.Open(ns))
            {
                var batch = new RtnetlinkBatch();
                foreach (LinkEntry link in links.GetLinks())
                {
                    if (link.Kind == "veth")
                    {
                        batch.DeleteLink(link.Name, ignoreMissing: true);
                    }
                }

                links.Execute(batch);
            }
        }

        NetworkNamespace.Delete(path);
    }

    /// <summary>The namespace; null when nothing is there, or only the file of a pin.</summary>
    internal static NetworkNamespace? TryOpen(string path)
    {
        NetworkNamespace? ns = null;
        try
        {
            ns = NetworkNamespace.Open(path);
            ns.Run(static () => 0);
            return ns;
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOENT or Errno.EINVAL)
        {
            ns?.Dispose();
            return null;
        }
    }
}
