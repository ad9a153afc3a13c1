using System.Net;
using GameStack.Proxy.Backends;
using GameStack.Proxy.FrontDoor;
using GameStack.ServiceDefaults.Listening;
using GameStack.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace GameStack.Tests.Proxy.Backends;

public sealed class BackendConnectionsTests
{
    private const int Clients = 4;
    private const int Most = Clients + HeldSlots.BackendConnectionsReserve;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_connection_more_than_there_may_be_is_not_opened_and_one_that_closes_makes_room()
    {
        await using var backend = await StandInBackend.StartAsync(HoldAsync);
        await using var services = Services();
        var connections = services.GetRequiredService<BackendConnections>();
        using var client = new HttpClient(
            new SocketsHttpHandler { ConnectCallback = connections.OpenAsync, MaxResponseDrainSize = 0 });
        var held = new List<HttpResponseMessage>();
        while (held.Count < Most)
        {
            held.Add(await GetAsync(client, backend));
        }

        var failure = await Assert.ThrowsAsync<HttpRequestException>(() => GetAsync(client, backend));
        Assert.Equal(HttpRequestError.ConnectionError, failure.HttpRequestError);

        held[0].Dispose();
        held[0] = await GetAsync(client, backend);
        Assert.Equal(HttpStatusCode.OK, held[0].StatusCode);
        foreach (var response in held)
        {
            response.Dispose();
        }
    }

    [Fact]
    public async Task A_connection_that_is_refused_takes_no_place()
    {
        await using var services = Services();
        var connections = services.GetRequiredService<BackendConnections>();
        using var client = new HttpClient(new SocketsHttpHandler { ConnectCallback = connections.OpenAsync });
        for (var i = 0; i < Most + 1; i++)
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri("http://127.0.0.1:1"), Cancelled));
        }

        await using var backend = await StandInBackend.StartAsync();
        using var response = await GetAsync(client, backend);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static Task<HttpResponseMessage> GetAsync(HttpClient client, StandInBackend backend) =>
        client.GetAsync(new Uri(backend.Address), HttpCompletionOption.ResponseHeadersRead, Cancelled).WaitAsync(Waits.Patient, Cancelled);

    private static ServiceProvider Services() => new ServiceCollection()
        .AddLogging()
        .AddMetrics()
        .AddSingleton(TimeProvider.System)
        .AddSingleton(Options.Create(new ListeningOptions { MaxConnections = Clients }))
        .AddSingleton<ConnectionSlots>()
        .AddSingleton<BackendConnections>()
        .BuildServiceProvider();

    private static async Task HoldAsync(HttpContext context)
    {
        await context.Response.Body.FlushAsync(context.RequestAborted);
        await Task.Delay(Timeout.Infinite, context.RequestAborted);
    }
}
