namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>One deployment for all tests on a cluster, one test at a time.</summary>
[CollectionDefinition(Name)]
[TestClassOrderer(typeof(OverlayByOverlay))]
public sealed class ClusterCollection : ICollectionFixture<ClusterStack>
{
    public const string Name = "Cluster";
}
