using System.Text.Json;
using GameStack.Tests.Support;

namespace GameStack.Tests.AppHost;

/// <summary>The manifest that the AppHost's own program publishes.</summary>
public sealed class ManifestTests : IAsyncLifetime, IDisposable
{
    private readonly TestFolder _folder = new();
    private JsonElement _resources;

    public async ValueTask InitializeAsync() =>
        _resources = (await PublishedManifest.WriteAsync(Path.Combine(_folder.Path, "manifest.json"))).GetProperty("resources");

    [Fact]
    public void The_servers_are_containers_with_volumes_and_generated_passwords()
    {
        Assert.Equal("container.v0", Value("redis", "type"));
        Assert.Equal(ContainerEngine.RedisImage, Value("redis", "image"));
        Assert.StartsWith(
            "{redis.bindings.tcp.host}:{redis.bindings.tcp.port},password={redis-password.value}",
            Value("redis", "connectionString"),
            StringComparison.Ordinal);
        Assert.Equal("redis-server --requirepass $REDIS_PASSWORD --save 60 1", Element("redis", "args")[1].GetString());
        Assert.Equal("/data", Element("redis", "volumes")[0].GetProperty("target").GetString());
        Assert.Equal("docker.io/library/postgres:18.3", Value("postgres", "image"));
        Assert.Equal("{postgres-password.value}", Value("postgres", "env", "POSTGRES_PASSWORD"));
        Assert.Equal("/var/lib/postgresql", Element("postgres", "volumes")[0].GetProperty("target").GetString());
        Assert.Equal("value.v0", Value("matches", "type"));
        Assert.Equal("{postgres.connectionString};Database=matches", Value("matches", "connectionString"));
        Assert.True(Element("redis-password", "inputs", "value", "secret").GetBoolean());
        Assert.Equal(22, Element("postgres-password", "inputs", "value", "default", "generate", "minLength").GetInt32());
    }

    [Fact]
    public void The_services_are_projects_wired_by_expressions()
    {
        Assert.Equal("project.v0", Value("backend", "type"));
        Assert.EndsWith("Backend/Backend.csproj", Value("backend", "path"), StringComparison.Ordinal);
        Assert.Equal(
            "{backend.bindings.http.targetPort};{backend.bindings.short.targetPort}", Value("backend", "env", "HTTP_PORTS"));
        Assert.Equal("{backend.bindings.short.targetPort}", Value("backend", "env", "ShortCalls__Port"));
        Assert.Equal(8080, Element("proxy", "bindings", "http", "port").GetInt32());
        Assert.True(Element("proxy", "bindings", "http", "external").GetBoolean());
        Assert.False(Element("backend", "bindings", "http").TryGetProperty("external", out _));
        Assert.Equal(7777, Element("proxy", "bindings", "gateway", "targetPort").GetInt32());
        Assert.True(Element("proxy", "bindings", "gateway", "external").GetBoolean());
        Assert.Equal("{proxy.bindings.gateway.targetPort}", Value("proxy", "env", "Gateway__Port"));
        Assert.Equal(8080, Element("game-server", "bindings", "game", "targetPort").GetInt32());
        Assert.Equal("{game-server.bindings.game.targetPort}", Value("game-server", "env", "PORT"));
    }

    [Fact]
    public void Settings_are_plain_values_with_the_defaults_of_the_contract()
    {
        foreach (var (name, value) in new[] { ("SESSION_SIZE", "12"), ("MIN_PARTIAL_SESSION_SIZE", "2"), ("FLUSH_WAIT_SECONDS", "15") })
        {
            Assert.Equal(value, Value("backend", "env", name));
        }
    }

    [Fact]
    public void The_manifest_does_not_use_what_Aspirate_skips()
    {
        Assert.DoesNotContain("annotated.string", _resources.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_for_a_cluster_are_published()
    {
        Assert.Equal("Kubernetes", Value("backend", "env", "GameServers__Fleet"));
        Assert.Equal(8081, Element("game-server", "bindings", "control", "targetPort").GetInt32());
        Assert.Equal("http://backend-pods:8080", Value("proxy", "env", "BACKEND_URL"));
        Assert.Equal(8081, Element("backend", "bindings", "short", "targetPort").GetInt32());
        Assert.Equal("http://backend-pods:8081", Value("proxy", "env", "BACKEND_SHORT_URL"));
        Assert.Equal("matches", Value("postgres", "env", "POSTGRES_DB"));
        Assert.Equal("data", Element("redis", "volumes")[0].GetProperty("name").GetString());
    }

    [Fact]
    public void In_a_cluster_backends_are_not_the_administrators_of_Redis_and_Postgres()
    {
        Assert.Equal("gamestack", Value("backend", "env", "REDIS_USERNAME"));
        Assert.Equal("gamestack", Value("backend", "env", "DATABASE_USERNAME"));
        Assert.DoesNotContain("password", Element("backend", "env").GetRawText(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Settings_for_a_local_run_are_not_published()
    {
        Assert.False(Element("backend", "env").TryGetProperty("ConnectionStrings__redis", out _));
        Assert.False(Element("proxy", "env").TryGetProperty("services__backend__http__0", out _));
        Assert.False(_resources.TryGetProperty("load-tester", out _));
        Assert.False(Element("backend", "env").TryGetProperty("GameServers__Program", out _));
        Assert.False(Element("game-server", "env").TryGetProperty("SESSION_ID", out _));
    }

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public void Dispose() => _folder.Dispose();

    private string Value(params string[] path) => Element(path).GetString()!;

    private JsonElement Element(params string[] path) => path.Aggregate(_resources, (element, name) => element.GetProperty(name));
}
