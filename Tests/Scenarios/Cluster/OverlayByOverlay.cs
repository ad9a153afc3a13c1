using Xunit.Sdk;
using Xunit.v3;

namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>Runs the tests of one overlay after those of another: each change of the overlay is a rollout.</summary>
public sealed class OverlayByOverlay : ITestClassOrderer
{
    public IReadOnlyCollection<TTestClass?> OrderTestClasses<TTestClass>(IReadOnlyCollection<TTestClass?> testClasses)
        where TTestClass : notnull, ITestClass =>
        [.. testClasses.OrderBy(test => Rank(test?.TestClassSimpleName)).ThenBy(test => test?.UniqueID, StringComparer.Ordinal)];

    private static int Rank(string? name) => name switch
    {
        nameof(InsideTheClusterTests) or nameof(LeastPrivilegeTests) => 0,
        nameof(GatewayTests) => 1,
        nameof(HostPortTests) => 2,
        _ => 3,
    };
}
