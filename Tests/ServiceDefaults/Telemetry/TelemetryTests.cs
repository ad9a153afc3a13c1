using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Trace;

namespace GameStack.Tests.ServiceDefaults.Telemetry;

public sealed class TelemetryTests
{
    private static readonly ActivitySource OurSource = new("GameStack.Tests.Telemetry");

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Spans_are_named_by_route_and_probes_leave_none()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using (var service = await StartAsync(collector))
        {
            await service.Client.GetStringAsync("/match/status?player_id=secret-player", Cancelled);
            await service.Client.GetStringAsync("/match/4711/details", Cancelled);
            await service.Client.GetStringAsync("/health", Cancelled);
            await service.Client.GetStringAsync("/alive", Cancelled);
        }

        var traces = collector.Received("/v1/traces");
        Assert.Contains("GET /match/status", traces);
        Assert.Contains("GET /match/{match}/details", traces);
        Assert.Contains("our own span", traces);
        Assert.Contains("match-service", traces);
        Assert.DoesNotContain("secret-player", traces);
        Assert.DoesNotContain("GET /health", traces); // Programs of other tests are called, too, at /api/health.
        Assert.DoesNotContain("GET /alive", traces);
    }

    [Fact]
    public async Task A_call_that_a_background_loop_makes_by_itself_is_no_trace()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using (var service = await StartAsync(collector))
        {
            using (var heartbeat = OurSource.StartActivity("a heartbeat", ActivityKind.Client))
            {
                using var inside = OurSource.StartActivity("inside of a heartbeat");
            }

            await service.Client.GetStringAsync("/match/status", Cancelled);
        }

        var traces = collector.Received("/v1/traces");
        Assert.Contains("our own span", traces);
        Assert.DoesNotContain("a heartbeat", traces);
    }

    [Fact]
    public async Task Logs_and_metrics_are_sent_as_well()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using (var service = await StartAsync(collector))
        {
            await service.Client.GetStringAsync("/match/status", Cancelled);
        }

        Assert.Contains("a line of the log", collector.Received("/v1/logs"));
        var metrics = collector.Received("/v1/metrics");
        Assert.Contains("http.server.request.duration", metrics);
        Assert.Contains("kestrel.active_connections", metrics);
        Assert.Contains("dotnet.gc.heap.total_allocated", metrics);
    }

    [Theory]
    [InlineData("grpc")]
    [InlineData("http/protobuf")]
    public async Task A_collector_that_does_not_answer_holds_up_the_end_for_a_few_seconds_at_most(string protocol)
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var service = await StartAsync(
            [$"OTEL_EXPORTER_OTLP_ENDPOINT=http://{silent.LocalEndpoint}", $"OTEL_EXPORTER_OTLP_PROTOCOL={protocol}"]);
        await service.Client.GetStringAsync("/match/status", Cancelled);
        var stopping = Stopwatch.StartNew();

        await service.DisposeAsync();

        // Logs, metrics and traces may take 1.5 s each. With the SDK's own limit, each would take 5 s.
        Assert.InRange(stopping.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(12));
    }

    [Fact]
    public async Task Without_an_endpoint_nothing_is_measured()
    {
        await using var service = await TestService.StartAsync();

        Assert.Null(service.App.Services.GetService<TracerProvider>());
    }

    private static Task<TestService> StartAsync(OtlpCollector collector) => StartAsync(collector.Settings);

    private static async Task<TestService> StartAsync(IEnumerable<string> settings) => await TestService.StartAsync(
        map: app =>
        {
            app.MapGet("/match/status", (ILogger<TelemetryTests> logger) =>
            {
                using var span = OurSource.StartActivity("our own span");
#pragma warning disable CA1848 // One line in a test.
                logger.LogInformation("a line of the log");
#pragma warning restore CA1848
                return "pending";
            });
            app.MapGet("/match/{match}/details", (string match) => match);
        },
        settings: [.. settings, "OTEL_SERVICE_NAME=match-service"]);
}
