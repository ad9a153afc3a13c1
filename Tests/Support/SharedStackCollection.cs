namespace GameStack.Tests.Support;

/// <summary>A whole stack takes the machine: these tests run after all that can share it.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class SharedStackCollection : ICollectionFixture<SharedStack>
{
    public const string Name = "One shared stack";
}
