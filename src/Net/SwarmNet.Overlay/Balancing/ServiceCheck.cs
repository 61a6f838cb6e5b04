namespace SwarmNet.Overlay.Balancing;

/// <summary>Refuses services that make no sense, before anything is changed. Pure.</summary>
internal static class ServiceCheck
{
    /// <exception cref="ArgumentException">The service makes no sense.</exception>
    public static void Check(VirtualService service)
    {
        foreach (Backend backend in service.Backends)
        {
            if (backend.Ip.AddressFamily != service.Vip.AddressFamily)
            {
                throw new ArgumentException($"The backend {backend.Ip} of {service.Vip} must be of the same address family.");
            }

            if (backend.Weight < 0)
            {
                throw new ArgumentException($"The weight {backend.Weight} of the backend {backend.Ip} of {service.Vip} must be 0 or more.");
            }
        }

        CheckTime(service, "affinity timeout", service.Affinity?.Timeout, TimeSpan.Zero);
        CheckTime(service, "timeout of established TCP connections", service.Timeouts?.TcpEstablished, TimeSpan.FromSeconds(1));
        CheckTime(service, "timeout of UDP flows", service.Timeouts?.Udp, TimeSpan.FromSeconds(1));
    }

    private static void CheckTime(VirtualService service, string what, TimeSpan? time, TimeSpan least)
    {
        if (time is { } value && (value < least || value.TotalSeconds > int.MaxValue))
        {
            throw new ArgumentException($"The {what} of {service.Vip} is {value}: it must be from {least} to {int.MaxValue} seconds.");
        }
    }
}
