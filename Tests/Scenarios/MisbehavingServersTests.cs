using System.Net;
using GameStack.Tests.Backend.GameServers;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios;

/// <summary>What players see of game servers that do not do what they should.</summary>
public sealed class MisbehavingServersTests(RedisFixture redis, PostgresFixture postgres) : BackendTests(redis, postgres)
{
    private static readonly StackSettings Pairs = new() { SessionSize = 2 };

    private static readonly (string, string)[] OftenWatched =
    [
        ("GameServers__WatchPeriod", "00:00:00.3"), ("GameServers__StopTimeout", "00:00:01"), ("GameServers__OverrunGrace", "00:00:00.5"),
    ];

    [Theory]
    [InlineData(UnixSignals.Kill)]
    [InlineData(UnixSignals.Stop)]
    public async Task A_server_that_crashes_or_hangs_in_a_match_ends_it_and_its_players_are_told_and_can_play_again(int signal)
    {
        await using var stores = await CreateStoresAsync();
        await using var backend = await stores.StartBackendAsync("backend", Pairs, OftenWatched);
        var players = Players.New("player", 2);
        var seats = await backend.Client.JoinAndWaitAsync(players, Cancelled);
        await using var connection = await LineClient.ConnectAsync(seats[0], Cancelled);
        Assert.Equal("RUNNING_LENGTH 600", await connection.AskAsync("REQUEST_MATCH 600"));
        Assert.Equal("STATE running", await connection.ReadLineAsync());
        var told = players.Select(player => backend.Client.WaitUntilEndedAsync(player, Cancelled)).ToArray();

        await backend.SignalServerAsync(seats[0].SessionId, signal);

        await Task.WhenAll(told);
        await stores.Matches.WaitUntilAsync(rows => rows is [{ EndedAt: not null }], "the match has ended");
        var again = await backend.Client.JoinAndWaitAsync(players, Cancelled);
        Assert.NotEqual(seats[0].SessionId, again[0].SessionId);
        Assert.Equal(again[0].SessionId, again[1].SessionId);
        await using var next = await LineClient.ConnectAsync(again[0], Cancelled);
        Assert.Equal("STATE open", await next.AskAsync("GET_STATE"));
    }

    [Fact]
    public async Task A_server_that_plays_on_after_its_length_is_ended_and_its_players_are_told()
    {
        await using var rude = RudeGameServer.Saying(line => line switch
        {
            "GET_STATE" => "STATE running",
            "GET_RUNNING_LENGTH" => "RUNNING_LENGTH 1",
            _ => null,
        });
        await using var stores = await CreateStoresAsync();
        await using var backend = await stores.StartBackendAsync(
            "backend", Pairs, [.. OftenWatched, ("GameServers__Program", rude.Program)]);
        var players = Players.New("player", 2);
        await backend.Client.JoinAndWaitAsync(players, Cancelled);

        await Task.WhenAll(players.Select(player => backend.Client.WaitUntilEndedAsync(player, Cancelled)));

        await backend.WaitForLineAsync(": It runs on 0.5 s after its length of 1 s.");
    }

    /// <summary>
    /// For each way to have no server: waiting players keep their places, new ones are told to come later, and all are matched once servers
    /// work again.
    /// </summary>
    [Theory]
    [InlineData("exits at once")]
    [InlineData("never listens")]
    [InlineData("crashes while it is given its session")]
    [InlineData("refuses its session")]
    public async Task While_no_server_works_those_who_wait_keep_their_places_and_nobody_new_is_queued(string fault)
    {
        await using var rude = Rude(fault);
        await using var stores = await CreateStoresAsync();
        await using var backend = await stores.StartBackendAsync(
            "backend", Pairs,
            ("GameServers__Program", rude.Program), ("GameServers__Standby", "1"), ("GameServers__AssignTimeout", "00:00:02"));
        var players = Players.New("early", 2);
        foreach (var player in players)
        {
            Assert.Equal("pending:" + player, (await backend.Client.JoinAsync(player, Cancelled)).Ok().Text("session_id"));
        }

        await backend.WaitForLinesAsync("at the head of the queue again", 3);

        var late = Players.New("late");
        await RefusedAsync(backend, late);
        (await backend.Client.StatusAsync(late, Cancelled)).IsProblem(HttpStatusCode.NotFound);
        foreach (var player in players)
        {
            Assert.Equal("pending", (await backend.Client.StatusAsync(player, Cancelled)).Ok().Text("status"));
            Assert.Equal("pending:" + player, (await backend.Client.JoinAsync(player, Cancelled)).Ok().Text("session_id"));
        }

        rude.Repair();

        var seats = await Task.WhenAll(players.Select(player => backend.Client.WaitUntilMatchedAsync(player, Cancelled)));
        Assert.Equal(seats[0].SessionId, seats[1].SessionId);
        await using var connection = await LineClient.ConnectAsync(seats[0], Cancelled);
        Assert.Equal("STATE open", await connection.AskAsync("GET_STATE"));
        var next = await backend.Client.JoinAndWaitAsync([late, Players.New("later")], Cancelled);
        Assert.Equal(next[0].SessionId, next[1].SessionId);
    }

    private static RudeGameServer Rude(string fault)
    {
        RudeGameServer? rude = null;
        rude = fault switch
        {
            "exits at once" => RudeGameServer.ThatExitsAtOnce(),
            "never listens" => new RudeGameServer(_ => Task.FromResult<string?>(null)),
            "refuses its session" => RudeGameServer.Saying(line => line.StartsWith("ASSIGN", StringComparison.Ordinal) ? "DENIED" : null),
            _ => new RudeGameServer(line =>
            {
                if (line.StartsWith("AUTH", StringComparison.Ordinal))
                {
                    return Task.FromResult<string?>("OK");
                }

                rude!.Crash();
                return Task.FromResult<string?>(null);
            }),
        };
        return rude;
    }

    /// <summary>A join between two pauses is taken; it is taken back then, and made again in the next one, which is longer.</summary>
    private async Task RefusedAsync(BackendProcess backend, string player)
    {
        for (var failures = 3; ; failures++)
        {
            using var response = await backend.Http.PostAsync(
                new Uri("match/join", UriKind.Relative), ContractClient.Json(player), Cancelled);
            if (response.StatusCode == HttpStatusCode.ServiceUnavailable)
            {
                Assert.InRange(response.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(15));
                var answer = await ApiAnswer.ReadAsync(response, Cancelled);
                answer.IsProblem(HttpStatusCode.ServiceUnavailable);
                Assert.Equal("No game servers", answer.Text("title"));
                return;
            }

            (await backend.Client.LeaveAsync(player, Cancelled)).Ok();
            await backend.WaitForLinesAsync("at the head of the queue again", failures + 1);
        }
    }
}
