using System.Net;
using GameStack.Tests.Proxy;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios;

/// <summary>How a stream of events ends for a client that opens it again, as browsers do.</summary>
[Collection(MachineCollection.Name)]
public sealed class EventStreamEndTests(TwoBackends shared) : IClassFixture<TwoBackends>, IDisposable
{
    private readonly CancellationTokenSource _within = Waits.Within(Waits.Start);

    private CancellationToken Cancelled => _within.Token;

    private ContractClient Backend => shared.Sides[0];

    public void Dispose() => _within.Dispose();

    [Fact]
    public async Task After_the_end_of_the_match_it_is_204_at_every_backend_and_through_the_proxy()
    {
        await using var proxy = await StartProxyAsync();
        var seats = await Backend.JoinAndWaitAsync(Players.New("reader", 2), Cancelled);
        var player = seats[0].Player;
        (await Backend.EndAsync(seats[0].SessionId, Cancelled)).Ok();

        Uri[] doors = [.. shared.Sides.Select(side => side.Root), new(proxy.Address, "/api/")];
        foreach (var door in doors)
        {
            // The first call gets the end of the match, even if it comes late.
            var (first, text) = await OpenAsync(door, player, lastEventId: null);
            Assert.Equal(HttpStatusCode.OK, first);
            Assert.Contains($"id: ended:{seats[0].SessionId}\n", text, StringComparison.Ordinal);
            Assert.Equal(HttpStatusCode.OK, (await OpenAsync(door, player, $"matched:{seats[0].SessionId}")).Code);
            Assert.Equal(HttpStatusCode.OK, (await OpenAsync(door, player, $"ended:{Guid.NewGuid()}")).Code);

            Assert.Equal((HttpStatusCode.NoContent, ""), await OpenAsync(door, player, $"ended:{seats[0].SessionId}"));
        }
    }

    [Fact]
    public async Task A_player_who_joins_again_is_followed_again()
    {
        var seats = await Backend.JoinAndWaitAsync(Players.New("returning", 2), Cancelled);
        (await Backend.EndAsync(seats[0].SessionId, Cancelled)).Ok();
        (await Backend.JoinAsync(seats[0].Player, Cancelled)).Ok();

        var opening = OpenAsync(Backend.Root, seats[0].Player, $"ended:{seats[0].SessionId}");
        var next = await Backend.JoinAndWaitAsync([Players.New("next")], Cancelled);
        (await Backend.EndAsync(next[0].SessionId, Cancelled)).Ok();

        var (code, text) = await opening;
        Assert.Equal(HttpStatusCode.OK, code);
        Assert.Contains($"id: ended:{next[0].SessionId}\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_leaving_it_is_204_and_without_the_last_event_404()
    {
        await using var proxy = await StartProxyAsync();
        var player = Players.New("leaver");
        (await Backend.JoinAsync(player, Cancelled)).Ok();
        var opening = OpenAsync(Backend.Root, player, lastEventId: null);
        (await Backend.LeaveAsync(player, Cancelled)).Ok();
        await opening;

        foreach (var door in new[] { Backend.Root, new Uri(proxy.Address, "/api/") })
        {
            Assert.Equal((HttpStatusCode.NoContent, ""), await OpenAsync(door, player, "left"));
            Assert.Equal(HttpStatusCode.NotFound, (await OpenAsync(door, player, "pending")).Code);
            Assert.Equal(HttpStatusCode.NotFound, (await OpenAsync(door, player, lastEventId: null)).Code);
        }
    }

    private Task<RunningProxy> StartProxyAsync() => RunningProxy.StartAsync([.. shared.Sides.Select(side => side.Root.ToString())]);

    /// <summary>The status code and everything that comes until the stream ends.</summary>
    private async Task<(HttpStatusCode Code, string Text)> OpenAsync(Uri door, string player, string? lastEventId)
    {
        using var client = TestHttp.ClientOf(door);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"match/events?player_id={player}");
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        using var response = await client.SendAsync(request, Cancelled);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(Cancelled));
    }
}
