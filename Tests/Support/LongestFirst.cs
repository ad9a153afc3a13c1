using GameStack.Tests.AppHost;
using GameStack.Tests.Backend.GameServers.Kubernetes;
using GameStack.Tests.Scenarios.Cluster;
using GameStack.Tests.Support;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace GameStack.Tests.Support;

/// <summary>Starts the collections that take minutes before those that take seconds, so that none of them is the last one alone.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(collection => Rank(collection.TestCollectionDisplayName)).ThenBy(collection => collection.UniqueID)];

    private static int Rank(string name) => name switch
    {
        ClusterCollection.Name => 0,
        AppHostCollection.Name => 1,
        _ when name.Contains(nameof(KubernetesFleetTests), StringComparison.Ordinal) => 2,
        _ when name.Contains(".Scenarios.", StringComparison.Ordinal) => 3,
        _ => 4,
    };
}
