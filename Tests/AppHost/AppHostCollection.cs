namespace GameStack.Tests.AppHost;

/// <summary>Each of these tests runs a whole graph: one at a time.</summary>
[CollectionDefinition(Name)]
public sealed class AppHostCollection
{
    public const string Name = "A graph of its own";
}
