using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Npgsql;
using StackExchange.Redis;

namespace GameStack.Tests.ServiceDefaults;

/// <summary>What the services rely on of Aspire's client integrations.</summary>
public sealed class ClientIntegrationTests
{
    private const string NobodyListens = "127.0.0.1:9";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public void A_connection_string_that_is_missing_fails_whoever_asks_and_not_the_registration()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.AddNpgsqlDataSource("matches");
        builder.AddRedisClient("redis");
        using var host = builder.Build();

        Assert.Throws<InvalidOperationException>(host.Services.GetRequiredService<NpgsqlDataSource>);
        Assert.Throws<InvalidOperationException>(host.Services.GetRequiredService<IConnectionMultiplexer>);
    }

    [Fact]
    public void The_connection_string_of_that_name_is_used_and_code_has_the_last_word()
    {
        var builder = Host.CreateApplicationBuilder(["--ConnectionStrings:matches=Host=elsewhere;Database=matches;Username=u"]);
        builder.AddNpgsqlDataSource("matches", configureDataSourceBuilder: source => source.ConnectionStringBuilder.MaxPoolSize = 7);
        using var host = builder.Build();

        var connection = new NpgsqlConnectionStringBuilder(host.Services.GetRequiredService<NpgsqlDataSource>().ConnectionString);

        Assert.Equal(("elsewhere", "matches", 7), (connection.Host, connection.Database, connection.MaxPoolSize));
    }

    [Fact]
    public async Task A_Redis_that_is_away_stops_nothing_and_shows_in_the_health()
    {
        var builder = Host.CreateApplicationBuilder([$"--ConnectionStrings:redis={NobodyListens},connectTimeout=500"]);
        var configured = "";
        builder.AddRedisClient("redis", configureOptions: options => configured = options.EndPoints[0].ToString() ?? "");
        using var host = builder.Build();

        var connection = host.Services.GetRequiredService<IConnectionMultiplexer>();
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancelled);

        Assert.False(connection.IsConnected);
        Assert.Equal(NobodyListens, configured);
        Assert.Equal(HealthStatus.Unhealthy, report.Entries["StackExchange.Redis"].Status);
    }

    [Fact]
    public async Task A_Postgres_that_is_away_shows_in_the_health()
    {
        var builder = Host.CreateApplicationBuilder(
            ["--ConnectionStrings:matches=Host=127.0.0.1;Port=9;Database=matches;Username=u;Password=secret"]);
        builder.AddNpgsqlDataSource("matches");
        using var host = builder.Build();

        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancelled);

        Assert.Equal(HealthStatus.Unhealthy, report.Entries["PostgreSql"].Status);
    }

    [Fact]
    public void Health_checks_can_be_switched_off()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.AddNpgsqlDataSource("matches", settings => settings.DisableHealthChecks = true);
        builder.AddRedisClient("redis", settings => settings.DisableHealthChecks = true);
        using var host = builder.Build();

        Assert.Null(host.Services.GetService<HealthCheckService>());
    }
}
