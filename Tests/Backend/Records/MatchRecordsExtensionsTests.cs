using GameStack.Backend.Life;
using GameStack.Backend.Records;
using GameStack.Contracts.Settings;
using GameStack.Tests.Support;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace GameStack.Tests.Backend.Records;

public sealed class MatchRecordsExtensionsTests(PostgresFixture postgres)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Records_go_to_the_database_of_DATABASE_URL_and_health_says_that_it_is_there()
    {
        var connection = new NpgsqlConnectionStringBuilder(await postgres.CreateDatabaseAsync());
        var outbox = new InMemoryOutbox();
        var address = $"{connection.Host}:{connection.Port}/{connection.Database}";
        using var host = Build(outbox, ("DATABASE_URL", $"postgresql://{connection.Username}:{connection.Password}@{address}"));
        await host.StartAsync(Cancelled);
        var record = TestRecords.New("ann");
        outbox.Add(record);
        await outbox.WaitUntilEmptyAsync(Patience);

        TestRecords.Same(record, await host.Services.GetRequiredService<IMatchRecords>().FindLatestAsync("ann", Cancelled));
        Assert.Equal(HealthStatus.Healthy, await HealthAsync(host));
        await host.StopAsync(Cancelled);
    }

    [Fact]
    public void The_connection_string_wins_over_DATABASE_URL_and_what_it_says_over_our_limits()
    {
        using var host = Build(
            new InMemoryOutbox(),
            ("ConnectionStrings:matches", "Host=127.0.0.1;Port=1;Database=first;Timeout=9"),
            ("DATABASE_URL", "postgresql://127.0.0.1:2/second"));

        var used = new NpgsqlConnectionStringBuilder(host.Services.GetRequiredService<NpgsqlDataSource>().ConnectionString);

        Assert.Equal(("first", 9, 4), (used.Database, used.Timeout, used.MaxPoolSize));
    }

    [Fact]
    public async Task A_Postgres_that_is_away_is_degraded_health_and_the_backend_starts()
    {
        using var host = Build(new InMemoryOutbox(), ("ConnectionStrings:matches", "Host=127.0.0.1;Port=1;Username=nobody"));
        await host.StartAsync(Cancelled);

        await Eventually.GetAsync("degraded", _ => HealthAsync(host), status => status == HealthStatus.Degraded, Patience);
        await host.StopAsync(Cancelled);
    }

    [Fact]
    public async Task Without_any_Postgres_records_stay_in_the_outbox()
    {
        var outbox = new InMemoryOutbox();
        outbox.Add(TestRecords.New("ann"));
        using var host = Build(outbox);
        await host.StartAsync(Cancelled);

        Assert.Null(await host.Services.GetRequiredService<IMatchRecords>().FindLatestAsync("ann", Cancelled));
        Assert.Null(host.Services.GetService<NpgsqlDataSource>());
        await host.StopAsync(Cancelled);
        Assert.Single(await outbox.ReadAsync(10, Cancelled));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("36501")]
    public void A_time_to_keep_records_that_makes_no_sense_is_an_error_at_the_start(string days)
    {
        var refused = Assert.Throws<SettingException>(() => Build(new InMemoryOutbox(), ("Records:KeepDays", days)));

        Assert.Contains("Records__KeepDays", refused.Message, StringComparison.Ordinal);
    }

    private static IHost Build(IMatchOutbox outbox, params (string Name, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
        builder.Services.AddSingleton(outbox);
        builder.Services.AddSingleton(TestRecords.Backend);
        builder.AddMatchLife();
        builder.AddMatchRecords();
        return builder.Build();
    }

    private static async Task<HealthStatus> HealthAsync(IHost host) =>
        (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Cancelled)).Entries["postgres"].Status;
}
