using System.Net;
using GameStack.Proxy.Backends;
using GameStack.Proxy.FrontDoor;
using GameStack.ServiceDefaults.Listening;
using GameStack.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Yarp.ReverseProxy;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Model;

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

    /// <summary>More calls than YARP's policy needs to count their failures.</summary>
    [Fact]
    public async Task A_call_for_which_no_connection_is_left_gets_503_and_its_backend_stays_healthy()
    {
        await using var backend = await StandInBackend.StartAsync(HoldAsync);
        await using var proxy = await RunningProxy.StartAsync(backend, $"Limits:MaxConnections={Clients}");
        await backend.KnownAsync();
        using (await UseUpAsync(proxy, backend))
        {
            for (var call = 0; call < 15; call++)
            {
                using var response = await proxy.Client.GetAsync("/api/sessions/active", Cancelled);
                await ProblemAssert.IsAsync(HttpStatusCode.ServiceUnavailable, response);
                Assert.Equal(1, response.Headers.RetryAfter?.Delta?.TotalSeconds);
                Assert.Contains("connections to backends", await response.Content.ReadAsStringAsync(Cancelled));
            }

            await backend.KnownAsync();
            Assert.True(proxy.Services.GetRequiredService<IProxyStateLookup>().TryGetCluster(BackendCluster.Id, out var cluster));
            var health = Assert.Single(cluster.DestinationsState.AllDestinations).Health;
            Assert.Equal(DestinationHealth.Healthy, health.Active);
            Assert.NotEqual(DestinationHealth.Unhealthy, health.Passive);
        }
    }

    [Fact]
    public async Task A_probe_needs_no_connection_of_those_for_calls()
    {
        await using var backend = await StandInBackend.StartAsync(HoldAsync);
        await using var proxy = await RunningProxy.StartAsync(backend, $"Limits:MaxConnections={Clients}");
        using var used = await UseUpAsync(proxy, backend);
        using var client = proxy.Services.GetRequiredService<IForwarderHttpClientFactory>().CreateClient(new ForwarderHttpClientContext
        {
            NewConfig = HttpClientConfig.Empty,
        });
        using var probe = new BackendProbes().CreateRequest(
            new ClusterModel(new ClusterConfig(), client), new DestinationModel(new DestinationConfig { Address = backend.Address }));
        using var call = new HttpRequestMessage(HttpMethod.Get, probe.RequestUri);

        using var answer = await client.SendAsync(probe, Cancelled);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True(BackendConnections.WereUsedUp(
            await Assert.ThrowsAsync<HttpRequestException>(() => client.SendAsync(call, Cancelled))));
    }

    /// <summary>Opens all connections that the proxy may have to backends, until the result is disposed of.</summary>
    private static async Task<HeldAnswers> UseUpAsync(RunningProxy proxy, StandInBackend backend)
    {
        var held = new HeldAnswers(new HttpClient(new SocketsHttpHandler
        {
            ConnectCallback = proxy.Services.GetRequiredService<BackendConnections>().OpenAsync,
        }));
        for (var connection = 0; connection < Most; connection++)
        {
            held.Answers.Add(await GetAsync(held.Client, backend));
        }

        return held;
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

    /// <summary>Answers that have begun. An answer that nobody holds is garbage, and its connection with it.</summary>
    private sealed record HeldAnswers(HttpClient Client) : IDisposable
    {
        public List<HttpResponseMessage> Answers { get; } = [];

        public void Dispose()
        {
            Answers.ForEach(answer => answer.Dispose());
            Client.Dispose();
        }
    }
}
