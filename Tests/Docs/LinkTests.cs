using System.Text.RegularExpressions;
using GameStack.Tests.Support;

namespace GameStack.Tests.Docs;

/// <summary>Every link from one of our pages to a file or a heading of the repository leads somewhere.</summary>
public sealed partial class LinkTests
{
    public static TheoryData<string> Pages => [.. new[] { ".", "docs", "bench" }
        .SelectMany(folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.md"))
        .Select(file => Path.GetRelativePath(Repository.Root, file))];

    [Theory, MemberData(nameof(Pages))]
    public async Task Its_links_hold(string page)
    {
        var file = Path.Combine(Repository.Root, page);
        foreach (var target in Links(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)))
        {
            var path = target.Split('#')[0];
            var linked = path.Length == 0 ? file : Path.GetFullPath(path, Path.GetDirectoryName(file)!);
            Assert.True(Path.Exists(linked), $"{page} links to {target}, which does not exist.");
            if (target.Contains('#', StringComparison.Ordinal))
            {
                var headings = Headings(await File.ReadAllTextAsync(linked, TestContext.Current.CancellationToken));
                Assert.True(headings.Contains(target.Split('#')[1]), $"{page} links to {target}, and that page has no such heading.");
            }
        }
    }

    // [the folders](README.md#where-things-are), or a line of its own: [KillTests]: ../Tests/Scenarios/Reliability/KillTests.cs
    private static IEnumerable<string> Links(string text) => Link().Matches(text)
        .Select(match => match.Groups["target"].Value)
        .Where(target => !target.Contains("://", StringComparison.Ordinal));

    // "## Where things are" is #where-things-are
    private static HashSet<string> Headings(string text) => [.. Heading().Matches(text)
        .Select(match => NotInAnchor().Replace(match.Groups["text"].Value.ToLowerInvariant(), "").Replace(' ', '-'))];

    [GeneratedRegex(
        @"\]\((?<target>[^)\s]+)\)|^\[[^]]+\]: (?<target>\S+)", RegexOptions.ExplicitCapture | RegexOptions.Multiline,
        matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Link();

    [GeneratedRegex(@"^#+ (?<text>.+)$", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^a-z0-9 _-]", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex NotInAnchor();
}
