namespace GameStack.LoadTester.Report;

/// <summary>How often something happened.</summary>
/// <param name="Reason">The phase and what went wrong in it: <c>connect: refused</c>.</param>
/// <param name="Count">How often.</param>
internal sealed record ReasonCount(string Reason, int Count);
