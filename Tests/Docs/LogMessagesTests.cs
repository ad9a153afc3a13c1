using System.Reflection;
using System.Text.RegularExpressions;
using GameStack.Tests.Support;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Docs;

/// <summary>Every log message that <c>docs/kubernetes.md</c> quotes is one of the code's.</summary>
public sealed partial class LogMessagesTests
{
    private const string Any = "…";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    /// <summary>Such as <c>Cannot {What}; retrying: {Reason}</c>.</summary>
    private static readonly string[] Templates = [.. new[] { "Backend", "Proxy", "ServiceDefaults" }
        .SelectMany(project => Assembly.Load(project).GetTypes())
        .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
        .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()?.Message)
        .OfType<string>()
        .Distinct(StringComparer.Ordinal)];

    private static readonly string Sources = string.Concat(new[] { "Backend", "Proxy", "ServiceDefaults" }
        .SelectMany(project => Directory.EnumerateFiles(Path.Combine(Repository.Root, project), "*.cs", SearchOption.AllDirectories))
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal))
        .Select(File.ReadAllText));

    public static TheoryData<string> Quotes => [.. File.ReadLines(Path.Combine(Repository.Root, "docs", "kubernetes.md"))
        .SkipWhile(line => line != "## Log messages")
        .TakeWhile(line => line != "## How long a recovery takes")
        .Select(line => Quote().Match(line))
        .Where(match => match.Success)
        .Select(match => match.Groups["text"].Value)];

    [Theory, MemberData(nameof(Quotes))]
    public void A_quoted_message_is_in_the_code(string quote) =>
        Assert.True(Templates.Any(template => Holds(quote, template)), $"No log message of the code is \"{quote}\".");

    [Fact]
    public void There_are_messages_on_the_page() => Assert.InRange(Quotes.Count, 20, int.MaxValue);

    /// <summary>
    /// Either the quote leaves out what differs, or it has a certain value for it, such as <c>create pods</c>, whose words are somewhere in
    /// the code.
    /// </summary>
    private static bool Holds(string quote, string template)
    {
        var parts = quote.Split(Any).Select(Regex.Escape);
        if (Regex.IsMatch(template, $"^{string.Join(".+", parts)}$", RegexOptions.None, Limit))
        {
            return true;
        }

        var pattern = string.Join("(.+)", Placeholder().Split(template).Select(Regex.Escape));
        var match = Regex.Match(quote, $"^{pattern}$", RegexOptions.None, Limit);
        return match.Success && match.Groups.Values.Skip(1)
            .SelectMany(group => group.Value.Split(Any, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            .All(words => Sources.Contains(words, StringComparison.Ordinal));
    }

    // | `Cannot create pods; retrying: …` | Raise the ResourceQuota. |
    [GeneratedRegex("^\\| `(?<text>[^`]+)` \\|", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Quote();

    [GeneratedRegex("\\{[^}]+\\}", RegexOptions.None, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Placeholder();
}
