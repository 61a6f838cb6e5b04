using NUnit.Framework;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;
using NUnit.Framework.Internal.Builders;

namespace SwarmNet.Testing;

/// <summary>
/// Marks a fixture whose tests need a kernel feature that the host may lack: they run inside a virtual machine with a kernel of its own
/// (tests/tools/vm-run.sh), all of an assembly in one run of it. On the host each shows under its own name with the outcome it had
/// there; neither the fixture's constructor nor its set-up runs on the host.
/// </summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
internal sealed class GuestFixtureAttribute : Attribute, IFixtureBuilder2, IPreFilter
{
    internal const string Category = "Guest";

    /// <inheritdoc/>
    public IEnumerable<TestSuite> BuildFrom(ITypeInfo typeInfo) => BuildFrom(typeInfo, this);

    /// <inheritdoc/>
    public IEnumerable<TestSuite> BuildFrom(ITypeInfo typeInfo, IPreFilter filter)
    {
        TestFixture real = (TestFixture)new NUnitTestFixtureBuilder().BuildFrom(typeInfo, filter);
        real.Properties.Add(PropertyNames.Category, Category);
        return [GuestProgram.IsRunning ? real : StandInFor(real)];
    }

    bool IPreFilter.IsMatch(Type type) => true;

    bool IPreFilter.IsMatch(Type type, System.Reflection.MethodInfo method) => true;

    /// <summary>A fixture with the same tests by name, each of which asks <see cref="GuestStandIn"/> for the outcome.</summary>
    private static TestFixture StandInFor(TestFixture real)
    {
        var type = new TypeWrapper(typeof(GuestStandIn));
        IMethodInfo method = type.GetMethods(System.Reflection.BindingFlags.Public | System.Reflection.BindingFlags.Static)
            .Single(m => m.Name == nameof(GuestStandIn.Outcome));
        var standIn = new TestFixture(type) { Name = real.Name, FullName = real.FullName };
        standIn.Properties.Add(PropertyNames.Category, Category);
        foreach (ITest test in Leaves(real))
        {
            TestMethod outcome = new NUnitTestCaseBuilder().BuildTestMethod(method, standIn, new TestCaseParameters([test.FullName]));
            outcome.Name = test.Name;
            outcome.FullName = test.FullName;
            standIn.Add(outcome);
        }

        return standIn;
    }

    private static IEnumerable<ITest> Leaves(ITest test) => test.IsSuite ? test.Tests.SelectMany(Leaves) : [test];
}
