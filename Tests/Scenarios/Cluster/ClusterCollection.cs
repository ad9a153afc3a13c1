namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>One deployment for all tests on a cluster, one test at a time, after all that can share the machine.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class ClusterCollection : ICollectionFixture<ClusterStack>
{
    public const string Name = "Cluster";
}
