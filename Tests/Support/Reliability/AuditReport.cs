namespace GameStack.Tests.Support.Reliability;

/// <summary>What an audit found, a line for each promise.</summary>
public sealed record AuditReport(IReadOnlyList<Promise> Promises)
{
    public bool IsKept => Promises.All(promise => promise.IsKept);

    public override string ToString() => string.Join(Environment.NewLine, Promises);
}
