using SwarmNet.Linux;

namespace SwarmNet.Netlink.NfTables;

/// <summary>What the kernel's nf_tables can do, as <see cref="NfTablesProbe"/> found it.</summary>
public sealed class NfCapabilities
{
    private readonly NetlinkException?[] _failures;

    internal NfCapabilities(NetlinkException?[] failures) => _failures = failures;

    /// <summary>The features that are missing.</summary>
    public IEnumerable<NfFeature> Missing => Enum.GetValues<NfFeature>().Where(feature => !Has(feature));

    /// <summary>Whether the kernel has a feature.</summary>
    public bool Has(NfFeature feature) => _failures[(int)feature] is null;

    /// <summary>What the kernel answered when the feature was tried; null when it has it.</summary>
    public NetlinkException? WhyNot(NfFeature feature) => _failures[(int)feature];

    /// <summary>Throws when a feature is missing.</summary>
    /// <exception cref="NfFeatureException">Names the feature and what the kernel answered.</exception>
    public void Require(NfFeature feature)
    {
        if (_failures[(int)feature] is { } failure)
        {
            throw new NfFeatureException(feature, failure);
        }
    }
}
