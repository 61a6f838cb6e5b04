using System.Diagnostics.CodeAnalysis;

namespace SwarmNet.Netlink.Ipvs;

/// <summary>A virtual service.</summary>
public readonly record struct IpvsService
{
    /// <summary>The kernel's default for <see cref="PersistenceSeconds"/>, used by ipvsadm -p.</summary>
    public const uint DefaultPersistenceSeconds = 300;

    /// <summary>Which packets it takes.</summary>
    public required IpvsServiceId Id { get; init; }

    /// <summary>How it chooses; ENOENT when the kernel has no such scheduler.</summary>
    public required IpvsScheduler Scheduler { get; init; }

    /// <summary>Further options.</summary>
    public IpvsServiceFlags Flags { get; init; }

    /// <summary>A client's connections go to the same destination until it had none for so many seconds; 0 = not persistent.</summary>
    public uint PersistenceSeconds { get; init; }

    /// <summary>Clients of one network of this prefix length count as one client (ipvsadm -M); null = each for itself.</summary>
    public byte? PersistencePrefixLength { get; init; }

    /// <summary>Name of a persistence engine, which looks into packets (ipvsadm --pe sip); null = none.</summary>
    public string? PersistenceEngine { get; init; }

    /// <summary>Creates a service to be filled by an initialiser.</summary>
    public IpvsService()
    {
    }

    /// <summary>A service with all else at its default.</summary>
    [SetsRequiredMembers]
    public IpvsService(IpvsServiceId id, IpvsScheduler scheduler)
    {
        Id = id;
        Scheduler = scheduler;
    }
}
