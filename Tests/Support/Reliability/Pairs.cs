namespace GameStack.Tests.Support.Reliability;

internal static class Pairs
{
    /// <summary>Each item with the next one.</summary>
    public static IEnumerable<(T Earlier, T Later)> Pairwise<T>(this IEnumerable<T> items)
    {
        var all = items.ToList();
        return all.Zip(all.Skip(1));
    }
}
