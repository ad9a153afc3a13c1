using GameStack.Tests.AppHost;
using GameStack.Tests.Support;

namespace GameStack.Tests.Deploy;

/// <summary>The committed <c>deploy/base</c> is what the graph and the templates make.</summary>
public sealed class BaseTests
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
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Deploy, "base"), "*.yaml", SearchOption.AllDirectories))
        {
            var lines = File.ReadAllLines(file);
            var values = lines.Zip(lines.Skip(1)).Where(pair => pair.First.Contains("- name: ") && pair.First.EndsWith("PASSWORD"));
            Assert.All(values, pair => Assert.Matches("valueFrom:$|\"\\$\\(SECRET_", pair.Second));
        }
    }
}
