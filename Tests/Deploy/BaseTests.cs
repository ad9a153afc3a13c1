using System.Text.RegularExpressions;
using GameStack.Tests.AppHost;
using GameStack.Tests.Support;

namespace GameStack.Tests.Deploy;

/// <summary>The committed <c>deploy/base</c> is what the graph and the templates make.</summary>
public sealed partial class BaseTests
{
    private const string Remedy =
        "AppHost or deploy/aspirate changed and deploy/base did not. Run deploy/aspirate/generate.sh and commit what it writes.";

    private static readonly string Deploy = Path.Combine(Repository.Root, "deploy");

    [Fact]
    public async Task The_committed_base_is_what_AppHost_and_templates_make()
    {
        using var folder = new TestFolder();
        var manifest = await PublishedManifest.WriteAsync(Path.Combine(folder.Path, "manifest.json"));
        var rendered = new ManifestRenderer(manifest.GetProperty("resources"), Path.Combine(Deploy, "aspirate")).Render();

        // generate.sh removes it: a game server has no Service.
        Assert.Equal(string.Empty, rendered["game-server/service.yaml"].Trim());
        rendered.Remove("game-server/service.yaml");

        var committed = Directory.EnumerateFiles(Path.Combine(Deploy, "base"), "*.yaml", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(Path.Combine(Deploy, "base"), file).Replace('\\', '/'))
            .ToHashSet(StringComparer.Ordinal);
        Assert.True(
            committed.SetEquals(rendered.Keys),
            $"{Remedy} Files: {string.Join(", ", committed.Except(rendered.Keys).Concat(rendered.Keys.Except(committed)))}");
        foreach (var (file, text) in rendered)
        {
            var lines = await File.ReadAllLinesAsync(Path.Combine(Deploy, "base", file), TestContext.Current.CancellationToken);
            foreach (var (line, pair) in lines.Zip([.. text.TrimEnd('\n').Split('\n')]).Index())
            {
                Assert.True(pair.First == pair.Second, $"{Remedy} {file}:{line + 1} is '{pair.First}', and would be '{pair.Second}'.");
            }

            Assert.True(lines.Length == text.TrimEnd('\n').Split('\n').Length, $"{Remedy} {file} has {lines.Length} lines.");
        }
    }

    [Fact]
    public void No_password_is_in_what_is_committed()
    {
        Assert.All(
            Directory.EnumerateFiles(Deploy, "*", SearchOption.AllDirectories),
            file => Assert.DoesNotMatch(Password(), File.ReadAllText(file)));
    }

    [Theory]
    [InlineData("- name: REDIS_PASSWORD\n  value: hunter2")]
    [InlineData("- {name: REDIS_PASSWORD, value: hunter2}")]
    [InlineData("value: postgresql://postgres:hunter2@postgres/matches")]
    [InlineData("value: redis://:hunter2@redis")]
    [InlineData("value: Host=postgres;Username=postgres;Password=hunter2")]
    [InlineData("apiVersion: v1\nkind: Secret\nmetadata:\n  name: passwords")]
    [InlineData("secretGenerator:\n  - name: passwords")]
    [InlineData("-----BEGIN PRIVATE KEY-----")]
    public void Every_kind_of_password_is_found(string text) => Assert.Matches(Password(), text);

    /// <summary>
    /// The value of a variable, a part of a URL or of a connection string, a Secret, or a private key. References are none:
    /// <c>valueFrom</c>, <c>$(SECRET_…)</c> and variables of a shell.
    /// </summary>
    [GeneratedRegex(
        """
        name:\ "?\w*PASSWORD"?,?(?>\s+)(?!valueFrom:|value:\ "\$\(SECRET_)
        | ://[^\s/:@"']*:(?!\$)[^\s/@"']+@
        | (?i:password=)(?![\s$"'])
        | ^kind:\ Secret\b | secretGenerator:
        | BEGIN\ [A-Z ]*PRIVATE\ KEY
        """,
        RegexOptions.IgnorePatternWhitespace | RegexOptions.Multiline, matchTimeoutMilliseconds: 10_000)]
    private static partial Regex Password();
}
