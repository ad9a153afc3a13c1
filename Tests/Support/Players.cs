namespace GameStack.Tests.Support;

/// <summary>Names that no other test uses.</summary>
public static class Players
{
    public static string New(string name) => $"{name}-{Guid.NewGuid():N}";

    public static string[] New(string name, int count) => [.. Enumerable.Range(1, count).Select(i => New($"{name}{i}"))];
}
