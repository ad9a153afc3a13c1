using System.Net;
using GameStack.Contracts.Settings;
using GameStack.ServiceDefaults;
using GameStack.ServiceDefaults.Shutdown;
using GameStack.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace GameStack.Tests.ServiceDefaults.Shutdown;

public sealed class ShutdownTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Readiness_fails_first_while_requests_are_served_then_the_listener_closes_and_calls_in_flight_finish()
    {
        using var held = new SemaphoreSlim(0);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = await StartAsync(app => app.MapGet("/held", async context =>
        {
            arrived.SetResult();
            await held.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("finished");
        }));
        var state = service.App.Services.GetRequiredService<ShutdownState>();
        var inFlight = service.Client.GetStringAsync("/held", Cancelled);
        await arrived.Task.WaitAsync(Patience, Cancelled);

        var stopping = StopAsync(service, state);
        await ReachedAsync(state.Draining);

        using var ready = await service.Client.GetAsync("/health", Cancelled);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal(
            """{"status":"degraded","checks":{"accepting_requests":"unhealthy"}}""", await ready.Content.ReadAsStringAsync(Cancelled));
        using var alive = await service.Client.GetAsync("/alive", Cancelled);
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        using var ordinary = await service.Client.GetAsync("/ordinary", Cancelled);
        Assert.Equal("served", await ordinary.Content.ReadAsStringAsync(Cancelled));
        Assert.True(ordinary.Headers.ConnectionClose);
        Assert.False(state.IsClosing);
        Assert.False(stopping.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(5));
        await ReachedAsync(state.Closing);
        await TestHttp.WaitUntilRefusedAsync(service.Client, "/ordinary");
        Assert.False(inFlight.IsCompleted);

        held.Release();
        Assert.Equal("finished", await inFlight);
        await stopping.WaitAsync(Patience, Cancelled);
    }

    [Fact]
    public async Task What_waits_for_something_to_happen_can_end_early()
    {
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = await StartAsync(app => app.MapGet("/long-poll", async (ShutdownState shutdown) =>
        {
            arrived.SetResult();
            await Task.Delay(Timeout.Infinite, shutdown.Closing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return "still pending";
        }));
        var state = service.App.Services.GetRequiredService<ShutdownState>();
        var longPoll = service.Client.GetStringAsync("/long-poll", Cancelled);
        await arrived.Task.WaitAsync(Patience, Cancelled);

        var stopping = StopAsync(service, state);
        await ReachedAsync(state.Draining);
        Assert.False(longPoll.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal("still pending", await longPoll.WaitAsync(Patience, Cancelled));
        await stopping.WaitAsync(Patience, Cancelled);
    }

    [Theory]
    [InlineData("Production", 5)]
    [InlineData("Development", 0)]
    public void Nobody_waits_for_a_drain_in_development(string environment, double drainSeconds)
    {
        var builder = WebApplication.CreateBuilder([$"--environment={environment}"]);
        builder.AddServiceDefaults();
        using var services = builder.Services.BuildServiceProvider();

        Assert.Equal(drainSeconds, services.GetRequiredService<IOptions<ShutdownOptions>>().Value.DrainSeconds);
        Assert.Equal(TimeSpan.FromSeconds(drainSeconds + 30), services.GetRequiredService<IOptions<HostOptions>>().Value.ShutdownTimeout);
    }

    [Fact]
    public async Task A_drain_time_that_makes_no_sense_is_an_error_at_the_start() =>
        await Assert.ThrowsAsync<SettingException>(() => TestService.StartAsync(settings: "Shutdown:DrainSeconds=-1"));

    private Task<TestService> StartAsync(Action<WebApplication> map) => TestService.StartAsync(
        builder => builder.Services.AddSingleton<TimeProvider>(_time),
        app =>
        {
            app.MapGet("/ordinary", () => "served");
            map(app);
        },
        "Shutdown:DrainSeconds=5");

    private static Task StopAsync(TestService service, ShutdownState state)
    {
        Assert.False(state.IsDraining);
        return Task.Run(() => service.App.StopAsync(Cancelled), Cancelled);
    }

    private static Task ReachedAsync(CancellationToken stage) =>
        Task.Delay(Timeout.Infinite, stage).ContinueWith(_ => { }, TaskScheduler.Default).WaitAsync(Patience, Cancelled);
}
