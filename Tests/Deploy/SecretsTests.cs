using System.Runtime.Versioning;
using GameStack.Tests.Support;

namespace GameStack.Tests.Deploy;

/// <summary>Runs <c>deploy/secrets.sh</c> with a fake <c>kubectl</c> that keeps Secrets and ConfigMaps as files, one a key.</summary>
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

    [Theory]
    [InlineData("game-server-control")]
    [InlineData("match-tickets")]
    public async Task A_public_key_of_another_pair_is_replaced(string name)
    {
        Assert.Equal(0, await RunAsync());
        var published = Path.Combine(_folder.Path, "configmap", name, "public-key");
        var right = await File.ReadAllTextAsync(published, TestContext.Current.CancellationToken);
        using var other = new TestTickets();
        await File.WriteAllTextAsync(published, other.PublicPem, TestContext.Current.CancellationToken);

        Assert.Equal(0, await RunAsync());

        Assert.Equal(right, await File.ReadAllTextAsync(published, TestContext.Current.CancellationToken));
    }

    /// <summary>While a key is replaced, the Secret and the ConfigMap have more than one.</summary>
    [Fact]
    public async Task Public_keys_stay_if_one_of_them_belongs_to_any_private_key()
    {
        Assert.Equal(0, await RunAsync());
        using var next = new TestTickets();
        using var old = new TestTickets();
        await File.WriteAllTextAsync(
            Path.Combine(_folder.Path, "secret", "match-tickets", "next-key"), next.PrivatePem, TestContext.Current.CancellationToken);
        var published = Path.Combine(_folder.Path, "configmap", "match-tickets", "public-key");
        var keys = $"{old.PublicPem}\n{next.PublicPem}\n";
        await File.WriteAllTextAsync(published, keys, TestContext.Current.CancellationToken);

        Assert.Equal(0, await RunAsync());

        Assert.Equal(keys, await File.ReadAllTextAsync(published, TestContext.Current.CancellationToken));
    }

    private string OperatorKey => Path.Combine(_folder.Path, "secret", "operators", "key");

    private string Secret => Path.Combine(_folder.Path, "secret", "passwords");

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
            [ "$1" = --namespace ] || exit 0
            verb=$3 kind=$4
            shift 4
            [ "$1" != generic ] || shift
            object={{{_folder.Path}}}/$kind/$1
            case "$verb $3" in
            "get jsonpath="*)
                [ "$1$FAIL" != passwords1 ] || exit 1
                key=${3#jsonpath=\{.data.}
                cat "$object/${key%\}}" 2>/dev/null | if [ "$kind" = secret ]; then base64; else cat; fi ;;
            "get go-template="*)
                for file in "$object"/*; do base64 < "$file" | tr -d '\n'; echo; done ;;
            "get ") [ -d "$object" ] ;;
            "create ")
                mkdir -p "{{{_folder.Path}}}/$kind" && mkdir "$object"
                [ -z "$2" ] || cp "${2#--from-file=}" "$object" ;;
            "delete ") rm -r "$object" ;;
            "patch "*)
                sed 's/.*{"\(.*\)":"\(.*\)"}}/\1 \2/' "$3" | { read -r key value; printf %s "$value" > "$object/$key"; } ;;
            esac
            """);
        File.SetUnixFileMode(kubectl, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var path = $"PATH={Path.GetDirectoryName(kubectl)}:{Environment.GetEnvironmentVariable("PATH")}";
        return (await CommandLine.TryAsync(
            "env", [path, .. environment, "bash", "deploy/secrets.sh", "place"], TestContext.Current.CancellationToken)).ExitCode;
    }
}
