using System.Runtime.Versioning;
using GameStack.Tests.Support;

namespace GameStack.Tests.Deploy;

/// <summary>
/// Runs <c>deploy/aspirate/generate.sh</c> with a fake <c>dotnet</c> in place of Aspirate: what the script does to <c>deploy/base</c> if
/// Aspirate succeeds, and if it fails.
/// </summary>
[UnsupportedOSPlatform("windows")]
public sealed class GenerateTests : IDisposable
{
    private const string Works = """
        for file in kustomization backend/deployment proxy/deployment game-server/deployment game-server/service; do
            mkdir -p "$(dirname "$output/$file")"
            echo new > "$output/$file.yaml"
        done
        """;

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_new_base_takes_the_place_of_the_old_one()
    {
        Assert.Equal(0, await GenerateAsync(Works));

        Assert.Equal(
            ["backend/deployment.yaml", "game-server/deployment.yaml", "kustomization.yaml", "proxy/deployment.yaml"],
            Directory.EnumerateFiles(Base, "*", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(Base, file)).Order(StringComparer.Ordinal));
        AssertNothingIsLeft();
    }

    [Theory]
    [InlineData("exit 1")]
    [InlineData("exit 0")]
    [InlineData("echo new > $output/kustomization.yaml; exit 0")]
    public async Task The_base_stays_as_it_was_when_the_tool_fails_even_if_it_reports_success(string tool)
    {
        Assert.NotEqual(0, await GenerateAsync(tool));

        Assert.Equal(
            "old",
            (await File.ReadAllTextAsync(Path.Combine(Base, "kustomization.yaml"), TestContext.Current.CancellationToken)).Trim());
        AssertNothingIsLeft();
    }

    private string Base => Path.Combine(_folder.Path, "deploy", "base");

    private void AssertNothingIsLeft()
    {
        var folders = Directory.EnumerateDirectories(Path.Combine(_folder.Path, "deploy")).Select(Path.GetFileName);
        Assert.Equal(["aspirate", "base"], folders.Order(StringComparer.Ordinal));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_folder.Path, "AppHost")));
    }

    /// <summary>Runs the script in a copy of the repository that has an old base and nothing else.</summary>
    private async Task<int> GenerateAsync(string tool)
    {
        var script = Path.Combine("deploy", "aspirate", "generate.sh");
        foreach (var folder in new[] { "AppHost", "bin", Base, Path.Combine("deploy", "aspirate") })
        {
            Directory.CreateDirectory(Path.Combine(_folder.Path, folder));
        }

        File.Copy(Path.Combine(Repository.Root, script), Path.Combine(_folder.Path, script));
        await File.WriteAllTextAsync(Path.Combine(Base, "kustomization.yaml"), "old");

        var dotnet = Path.Combine(_folder.Path, "bin", "dotnet");
        await File.WriteAllTextAsync(
            dotnet,
            $$"""
            #!/bin/sh
            case $1 in
            run) echo manifest > "$PWD/manifest.json" ;;
            aspirate)
                while [ "$1" != --output-path ]; do shift; done
                output=$2
                {{tool}}
                ;;
            esac
            """);
        File.SetUnixFileMode(dotnet, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var path = $"PATH={Path.GetDirectoryName(dotnet)}:{Environment.GetEnvironmentVariable("PATH")}";
        return (await CommandLine.TryAsync(
            "env", [path, "bash", Path.Combine(_folder.Path, script)], TestContext.Current.CancellationToken)).ExitCode;
    }
}
