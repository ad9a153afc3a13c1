using System.Runtime.Versioning;
using GameStack.Tests.Support;

namespace GameStack.Tests.Deploy;

/// <summary>Runs <c>deploy/secrets.sh</c> with a fake <c>kubectl</c> that keeps the Secret <c>passwords</c> as files, one a key.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class SecretsTests : IDisposable
{
    private static readonly string[] Keys = ["postgres", "postgres-gamestack", "redis", "redis-gamestack"];

    private readonly TestFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_user_has_a_password_of_its_own_which_another_run_keeps()
    {
        Assert.Equal(0, await RunAsync());
        var passwords = Read();
        Assert.Equal(Keys, passwords.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(4, passwords.Values.Distinct().Count());
        Assert.All(passwords.Values, password => Assert.Matches("^[0-9a-f]{48}$", password));

        Assert.Equal(0, await RunAsync());
        Assert.Equal(passwords, Read());
    }

    [Fact]
    public async Task The_passwords_of_an_older_version_stay_and_the_missing_ones_are_added()
    {
        Directory.CreateDirectory(Secret);
        await File.WriteAllTextAsync(Path.Combine(Secret, "redis"), "old", TestContext.Current.CancellationToken);

        Assert.Equal(0, await RunAsync());

        Assert.Equal(Keys, Read().Keys.Order(StringComparer.Ordinal));
        Assert.Equal("old", Read()["redis"]);
    }

    [Fact]
    public async Task A_cluster_that_does_not_answer_costs_no_password()
    {
        Assert.Equal(0, await RunAsync());
        var passwords = Read();

        Assert.NotEqual(0, await RunAsync("FAIL=1"));

        Assert.Equal(passwords, Read());
    }

    [Fact]
    public async Task The_operators_get_a_key_that_is_long_enough()
    {
        Assert.Equal(0, await RunAsync());

        Assert.Matches("^[0-9a-f]{48}$", await File.ReadAllTextAsync(OperatorKey, TestContext.Current.CancellationToken));
    }

    private string OperatorKey => Path.Combine(_folder.Path, "operators");

    private string Secret => Path.Combine(_folder.Path, "passwords");

    private Dictionary<string, string> Read() =>
        Directory.EnumerateFiles(Secret).ToDictionary(file => Path.GetFileName(file), File.ReadAllText);

    private async Task<int> RunAsync(params string[] environment)
    {
        var kubectl = Path.Combine(_folder.Path, "bin", "kubectl");
        Directory.CreateDirectory(Path.GetDirectoryName(kubectl)!);
        await File.WriteAllTextAsync(
            kubectl,
            $$$"""
            #!/bin/sh
            secret={{{Secret}}}
            case "$*" in
            *"get secret passwords --output"*)
                [ -z "$FAIL" ] || exit 1
                key=${7#jsonpath=\{.data.}
                cat "$secret/${key%\}}" 2>/dev/null || true ;;
            *"get secret passwords") [ -d "$secret" ] ;;
            *"create secret generic passwords") mkdir "$secret" ;;
            *"patch secret passwords --patch-file"*)
                sed 's/.*{"\(.*\)":"\(.*\)"}}/\1 \2/' "$7" | { read -r key value; printf %s "$value" > "$secret/$key"; } ;;
            *"get secret game-server-control" | *"get secret operators") false ;;
            *"create secret generic operators --from-file="*/key) cp "${7#--from-file=}" {{{OperatorKey}}} ;;
            esac
            """);
        File.SetUnixFileMode(kubectl, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var path = $"PATH={Path.GetDirectoryName(kubectl)}:{Environment.GetEnvironmentVariable("PATH")}";
        return (await CommandLine.TryAsync(
            "env", [path, .. environment, "bash", "deploy/secrets.sh", "place"], TestContext.Current.CancellationToken)).ExitCode;
    }
}
