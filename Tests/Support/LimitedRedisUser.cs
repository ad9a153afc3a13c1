using k8s;
using k8s.Models;
using StackExchange.Redis;

namespace GameStack.Tests.Support;

/// <summary>A user of Redis with the rules that <c>deploy/base</c> gives the backends' user.</summary>
internal sealed class LimitedRedisUser : IAsyncDisposable
{
    private const string Password = "secret";

    private readonly string _name = $"user-{Guid.NewGuid():N}";
    private readonly ConnectionMultiplexer _administrator;

    private LimitedRedisUser(ConnectionMultiplexer administrator, string server) =>
        (_administrator, ConnectionString) = (administrator, $"{server},user={_name},password={Password}");

    /// <summary>Such as <c>~{q:*</c> and <c>+hget</c>.</summary>
    public static IReadOnlyList<string> Rules { get; } = ReadRules();

    public string ConnectionString { get; }

    public static async Task<LimitedRedisUser> CreateAsync(RedisFixture redis)
    {
        var server = (await redis.GetAsync()).ConnectionString;
        var user = new LimitedRedisUser(await ConnectionMultiplexer.ConnectAsync($"{server},allowAdmin=true"), server);
        await user.AskAsync("ACL", ["SETUSER", user._name, "on", $">{Password}", .. Rules]);
        return user;
    }

    /// <summary>Adds rules, such as <c>-publish</c>.</summary>
    public Task LimitAsync(params string[] rules) => AskAsync("ACL", ["SETUSER", _name, .. rules]);

    /// <summary>Closes all of this user's connections.</summary>
    public Task CutAsync() => AskAsync("CLIENT", "KILL", "USER", _name);

    /// <summary>What this user did that the rules do not allow.</summary>
    public async Task<IReadOnlyList<string>> FindRefusalsAsync()
    {
        var entries = (RedisResult[])(await AskAsync("ACL", "LOG", "128"))!;
        return
        [
            .. entries.Select(entry => entry.ToDictionary())
                .Where(entry => (string?)entry["username"] == _name)
                .Select(entry => $"{entry["reason"]} {entry["object"]} ({entry["context"]})"),
        ];
    }

    public ValueTask DisposeAsync() => _administrator.DisposeAsync();

    private Task<RedisResult> AskAsync(string command, params object[] arguments) =>
        _administrator.GetDatabase().ExecuteAsync(command, arguments);

    private static string[] ReadRules()
    {
        var manifests = KubernetesYaml.LoadAllFromString(
            File.ReadAllText(Path.Combine(Repository.Root, "deploy", "base", "redis", "statefulset.yaml")));
        var container = Assert.Single(manifests.OfType<V1StatefulSet>()).Spec.Template.Spec.Containers[0];
        return container.Env.Single(variable => variable.Name == "GAMESTACK_RULES").Value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
    }
}
