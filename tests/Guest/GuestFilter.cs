using System.Text.RegularExpressions;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

namespace SwarmNet.Testing;

/// <summary>Guest tests whose full name matches a pattern, or all.</summary>
internal sealed class GuestFilter(Regex? pattern) : TestFilter
{
    /// <inheritdoc/>
    public override bool Match(ITest test) =>
        !test.IsSuite && (pattern is null || pattern.IsMatch(test.FullName)) && IsGuest(test);

    /// <inheritdoc/>
    public override TNode AddToXml(TNode parentNode, bool recursive) => parentNode.AddElement("filter");

    private static bool IsGuest(ITest? test) =>
        test is not null && (test.Properties[PropertyNames.Category].Contains(GuestFixtureAttribute.Category) || IsGuest(test.Parent));
}
