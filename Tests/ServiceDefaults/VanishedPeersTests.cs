using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace GameStack.Tests.ServiceDefaults;

public sealed class VanishedPeersTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_ends_when_its_client_vanishes_whether_or_not_the_service_sends_it_something(bool sends)
    {
        using var vanished = new SemaphoreSlim(0);
        var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var service = await TestService.StartAsync(map: app => app.MapGet("/held", async context =>
        {
            await using var registration = context.RequestAborted.Register(ended.SetResult);
            arrived.SetResult();
            await vanished.WaitAsync(context.RequestAborted);
            if (sends)
                await context.Response.WriteAsync("for nobody", context.RequestAborted);
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }));
        using var client = await VanishingClient.GetAsync(new Uri(service.App.Urls.Single()), "/held");
        await arrived.Task.WaitAsync(Patience, Cancelled);

        client.Vanish();
        vanished.Release();

        await ended.Task.WaitAsync(Patience, Cancelled);
    }
}
