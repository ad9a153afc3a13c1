namespace GameStack.Tests.Support.Reliability;

/// <summary>One thing that must hold, and what was found against it.</summary>
public sealed record Promise(string Text, IReadOnlyList<string> Broken)
{
    private const int Shown = 5;

    public bool IsKept => Broken.Count == 0;

    /// <summary><c>ok      every match has its one row (1234 matches)</c></summary>
    public override string ToString() => IsKept
        ? $"ok      {Text}"
        : string.Join(Environment.NewLine + "        ", [$"BROKEN  {Text}: {Broken.Count} times", .. Broken.Take(Shown)]);
}
