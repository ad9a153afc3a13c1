using System.Net;
using GameStack.Tests.ServiceDefaults;
using Microsoft.AspNetCore.Http;

namespace GameStack.Tests.Proxy.Forwarding;

public sealed class EventStreamTests
{
    private const string Events = "/api/match/events?player_id=p1";

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_event_reaches_the_client_before_the_next_one_is_written()
    {
        using var stream = new ScriptedStream();
        await using var backend = await StandInBackend.StartAsync(stream.AnswerAsync);
        await using var proxy = await RunningProxy.StartAsync(backend);

        using var response = await OpenAsync(proxy);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancelled));

        for (var i = 0; i < 5; i++)
        {
            stream.Next.Release();
            Assert.Equal($"data: {i}", await reader.ReadLineAsync(Cancelled));
            Assert.Equal("", await reader.ReadLineAsync(Cancelled));
        }
    }

    [Fact]
    public async Task A_stream_may_be_silent_for_longer_than_a_call()
    {
        using var stream = new ScriptedStream();
        await using var backend = await StandInBackend.StartAsync(context =>
            context.Request.Path == "/match/events" ? stream.AnswerAsync(context) : Task.Delay(Timeout.Infinite, context.RequestAborted));
        await using var proxy = await RunningProxy.StartAsync(backend, "Forwarding:ActivityTimeout=00:00:00.5");

        stream.Next.Release();
        using var response = await OpenAsync(proxy);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancelled));
        Assert.Equal("data: 0", await reader.ReadLineAsync(Cancelled));

        using var call = await proxy.Client.GetAsync("/api/match/status?player_id=p1", Cancelled);
        Assert.Equal(HttpStatusCode.GatewayTimeout, call.StatusCode);

        stream.Next.Release();
        Assert.Equal("", await reader.ReadLineAsync(Cancelled));
        Assert.Equal("data: 1", await reader.ReadLineAsync(Cancelled));
    }

    [Theory]
    [InlineData("&access_token=a.b-c_d", "Bearer a.b-c_d")]
    [InlineData("&access_token=", null)]
    [InlineData("&access_token=a%0d%0aX-Evil:1", null)]
    [InlineData("&access_token=a&access_token=b", null)]
    public async Task A_token_in_the_query_reaches_the_backend_only_as_a_header(string query, string? expected)
    {
        await using var backend = await StandInBackend.StartAsync();
        await using var proxy = await RunningProxy.StartAsync(backend);

        using var response = await proxy.Client.GetAsync(Events + query, Cancelled);

        var request = Assert.Single(backend.Requests);
        Assert.Equal("/match/events?player_id=p1", request.Target);
        Assert.Equal(expected, request.Headers.GetValueOrDefault("Authorization"));
    }

    [Fact]
    public async Task The_backend_learns_that_the_client_has_gone()
    {
        using var stream = new ScriptedStream();
        await using var backend = await StandInBackend.StartAsync(stream.AnswerAsync);
        await using var proxy = await RunningProxy.StartAsync(backend);

        stream.Next.Release();
        var response = await OpenAsync(proxy);
        response.Dispose();

        await stream.ClientGone.WaitAsync(TimeSpan.FromSeconds(60), Cancelled);
    }

    [Fact]
    public async Task The_backend_learns_that_the_client_has_vanished()
    {
        using var stream = new ScriptedStream();
        await using var backend = await StandInBackend.StartAsync(stream.AnswerAsync);
        await using var proxy = await RunningProxy.StartAsync(backend);
        using var client = await VanishingClient.GetAsync(proxy.Address, Events);
        await client.AnsweredAsync();

        client.Vanish();

        await stream.ClientGone.WaitAsync(TimeSpan.FromSeconds(60), Cancelled);
    }

    private static Task<HttpResponseMessage> OpenAsync(RunningProxy proxy) =>
        proxy.Client.GetAsync(Events, HttpCompletionOption.ResponseHeadersRead, Cancelled);

    /// <summary>Writes an event each time the test releases one.</summary>
    private sealed class ScriptedStream : IDisposable
    {
        private readonly TaskCompletionSource _clientGone = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public SemaphoreSlim Next { get; } = new(0);

        public Task ClientGone => _clientGone.Task;

        public async Task AnswerAsync(HttpContext context)
        {
            await using var registration = context.RequestAborted.Register(_clientGone.SetResult);
            context.Response.ContentType = "text/event-stream";
            await context.Response.Body.FlushAsync(context.RequestAborted);
            for (var i = 0; ; i++)
            {
                await Next.WaitAsync(context.RequestAborted);
                await context.Response.WriteAsync($"data: {i}\n\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }

        public void Dispose() => Next.Dispose();
    }
}
