using System.Net;
using GameStack.ServiceDefaults;
using GameStack.ServiceDefaults.Health;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace GameStack.Tests.ServiceDefaults.Health;

public sealed class HealthEndpointsTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task Both_probes_are_there_in_every_environment(string environment)
    {
        await using var service = await TestService.StartAsync(settings: $"environment={environment}");

        Assert.Equal((HttpStatusCode.OK, """{"status":"ok"}"""), await GetAsync(service, "/health"));
        Assert.Equal((HttpStatusCode.OK, """{"status":"ok"}"""), await GetAsync(service, "/alive"));
    }

    [Fact]
    public async Task A_failed_dependency_fails_readiness_by_name_and_liveness_not_at_all()
    {
        await using var service = await TestService.StartAsync(builder => builder.Services.AddHealthChecks()
            .AddCheck("sound", () => HealthCheckResult.Healthy())
            .AddCheck("database", () => throw new InvalidOperationException("Host=db;Password=secret")));

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, """{"status":"degraded","checks":{"database":"unhealthy"}}"""),
            await GetAsync(service, "/health"));
        Assert.Equal((HttpStatusCode.OK, """{"status":"ok"}"""), await GetAsync(service, "/alive"));
    }

    [Fact]
    public async Task A_dependency_the_service_goes_on_without_is_named_while_requests_keep_coming()
    {
        await using var service = await TestService.StartAsync(builder => builder.Services.AddHealthChecks()
            .AddCheck("database", () => HealthCheckResult.Degraded("Host=db;Password=secret")));

        Assert.Equal(
            (HttpStatusCode.OK, """{"status":"degraded","checks":{"database":"degraded"}}"""),
            await GetAsync(service, "/health"));
    }

    [Fact]
    public async Task A_sentence_for_everybody_is_part_of_the_answer()
    {
        await using var service = await TestService.StartAsync(builder => builder.Services.AddHealthChecks()
            .AddCheck("database", () => HealthCheckResult.Degraded("Host=db;Password=secret"))
            .AddCheck("servers", () => HealthCheckResult.Degraded("secret", data: HealthReasons.Public("None is free."))));

        var (status, body) = await GetAsync(service, "/health");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(
            """{"status":"degraded","checks":{"database":"degraded","servers":"degraded"},"reasons":{"servers":"None is free."}}""",
            body);
    }

    [Fact]
    public async Task A_header_names_every_check_that_is_not_healthy()
    {
        await using var service = await TestService.StartAsync(builder => builder.Services.AddHealthChecks()
            .AddCheck("sound", () => HealthCheckResult.Healthy())
            .AddCheck("cache", () => HealthCheckResult.Degraded())
            .AddCheck("database", () => HealthCheckResult.Unhealthy()));

        using var ready = await service.Client.GetAsync("/health", Cancelled);
        using var alive = await service.Client.GetAsync("/alive", Cancelled);

        Assert.Equal("cache,database", string.Join(',', ready.Headers.GetValues(HealthHeaders.Degraded)));
        Assert.False(alive.Headers.Contains(HealthHeaders.Degraded));
    }

    [Fact]
    public async Task A_dependency_that_hangs_does_not_hang_the_probe()
    {
        await using var service = await TestService.StartAsync(builder => builder.Services.AddHealthChecks()
            .AddAsyncCheck("hanging", async cancellationToken =>
            {
                await Task.Delay(Timeout.Infinite, cancellationToken);
                return HealthCheckResult.Healthy();
            }));

        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable, """{"status":"degraded","checks":{"hanging":"unhealthy"}}"""),
            await GetAsync(service, "/health"));
    }

    [Fact]
    public async Task A_program_without_a_listener_takes_the_defaults_too()
    {
        var builder = Host.CreateApplicationBuilder(["--Shutdown:DrainSeconds=0"]);
        builder.AddServiceDefaults();
        using var host = builder.Build();

        await host.StartAsync(Cancelled);
        await host.StopAsync(Cancelled);
    }

    private static async Task<(HttpStatusCode Status, string Body)> GetAsync(TestService service, string path)
    {
        using var response = await service.Client.GetAsync(path, Cancelled);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancelled));
    }
}
