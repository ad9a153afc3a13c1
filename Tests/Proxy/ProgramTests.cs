using System.Net;
using Microsoft.AspNetCore.Http;

namespace GameStack.Tests.Proxy;

public sealed class ProgramTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_backend_address_it_says_so_in_one_line_and_exits_with_1()
    {
        await using var proxy = ProxyProcess.Start();

        var error = await proxy.ReadErrorAsync();

        Assert.Equal(1, await proxy.WaitForExitAsync());
        Assert.Contains("BACKEND_URL", error);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task A_call_in_flight_when_the_process_is_told_to_stop_is_still_answered()
    {
        using var answer = new SemaphoreSlim(0);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = await StandInBackend.StartAsync(async context =>
        {
            arrived.SetResult();
            await answer.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("in time");
        });
        await using var proxy = ProxyProcess.Start(("BACKEND_URL", backend.Address), ("Shutdown__DrainSeconds", "0.5"));
        using var client = new HttpClient { BaseAddress = await proxy.Listening };

        var call = client.GetAsync("/api/match/status?player_id=p1&wait=30", Cancelled);
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(60), Cancelled);
        proxy.Terminate();
        await UntilRefusedAsync(client);
        answer.Release();

        using var response = await call;
        Assert.Equal("in time", await response.Content.ReadAsStringAsync(Cancelled));
        Assert.Equal(0, await proxy.WaitForExitAsync());
    }

    /// <summary>Asks for readiness, which fails or is ok for as long as there is a listener.</summary>
    private static async Task UntilRefusedAsync(HttpClient client)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancelled);
        patience.CancelAfter(TimeSpan.FromSeconds(60));
        try
        {
            while (true)
            {
                using var health = await client.GetAsync("/health", patience.Token);
                Assert.True(health.StatusCode is HttpStatusCode.OK or HttpStatusCode.ServiceUnavailable);
            }
        }
        catch (HttpRequestException)
        {
            return;
        }
    }
}
