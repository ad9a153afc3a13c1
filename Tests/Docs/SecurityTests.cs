using System.Text.RegularExpressions;
using GameStack.Tests.Support;

namespace GameStack.Tests.Docs;

/// <summary>Every row of <c>docs/security.md</c> has a test, and every test that it names exists.</summary>
public sealed partial class SecurityTests
{
    private static readonly string[] Lines = [.. File.ReadLines(Path.Combine(Repository.Root, "docs", "security.md"))
        .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| what", StringComparison.Ordinal))];

    private static readonly ILookup<string, Type> Tests = typeof(SecurityTests).Assembly.GetTypes().ToLookup(type => type.Name);

    public static TheoryData<string> Names => [.. Lines
        .SelectMany(row => TestName().Matches(row)).Select(match => match.Groups["name"].Value).Distinct()];

    [Theory, MemberData(nameof(Names))]
    public void A_test_on_the_page_exists(string name)
    {
        var (type, method) = (name.Split('.')[0], name.Split('.')[1]);

        Assert.Contains(
            Tests[type].SelectMany(tests => tests.GetMethods()),
            test => test.Name == method && test.IsDefined(typeof(FactAttribute), inherit: true));
    }

    [Fact]
    public void Every_row_of_the_page_has_a_test()
    {
        // Lines without a first cell continue the row above.
        var rows = new List<string>();
        foreach (var line in Lines)
        {
            if (line.StartsWith("| | ", StringComparison.Ordinal))
                rows[^1] += line;
            else
                rows.Add(line);
        }

        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.True(TestName().IsMatch(row), row));
    }

    [GeneratedRegex(@"`(?<name>\w+Tests\.\w+)`", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex TestName();
}
