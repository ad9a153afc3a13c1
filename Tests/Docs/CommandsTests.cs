using GameStack.Tests.Support;

namespace GameStack.Tests.Docs;

/// <summary>The commands on our pages stop at the first failure. The cluster's own tests run those of <c>docs/deploy.md</c>.</summary>
public sealed class CommandsTests
{
    [Fact]
    public void Psql_fails_when_a_statement_fails()
    {
        var calls = Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md")
            .SelectMany(File.ReadLines)
            .Where(line => line.Contains("psql ", StringComparison.Ordinal))
            .ToArray();

        Assert.NotEmpty(calls);
        Assert.All(calls, call => Assert.Contains(" -v ON_ERROR_STOP=1 ", call, StringComparison.Ordinal));
    }
}
