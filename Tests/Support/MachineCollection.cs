namespace GameStack.Tests.Support;

/// <summary>
/// Tests that take the machine, with dozens of game servers or thousands of calls: they run one at a time, after all that can share it.
/// </summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MachineCollection
{
    public const string Name = "The whole machine";
}
