using System.Net;
using GameStack.Tests.Support;

namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>Players outside the cluster, as patient as a game client: a call that is cut off or refused is made again.</summary>
internal sealed class ClusterPlayers(ContractClient proxy)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(150);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.5);

    /// <summary>A status call may wait for 10 s. A connection to a port that is just being routed may never be answered.</summary>
    private static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(20);

    /// <summary>Much less than FLUSH_WAIT_SECONDS, so that players who join at once meet, even if the join of one is cut off.</summary>
    private static readonly TimeSpan JoinLimit = TimeSpan.FromSeconds(5);

    public static string[] Names(int count) => [.. Enumerable.Range(0, count).Select(i => $"player-{Guid.NewGuid():N}")];

    /// <summary>Joins them at once and waits until each is told where to connect.</summary>
    public Task<Seat[]> PlayAsync(int count) => PlayAsync(Names(count));

    public async Task<Seat[]> PlayAsync(string[] players) => await Task.WhenAll(players.Select(MatchAsync));

    public async Task<Seat> MatchAsync(string player)
    {
        await JoinAsync(player);
        return await WaitUntilMatchedAsync(player);
    }

    public Task JoinAsync(string player) => CallAsync($"join of {player}", token => proxy.JoinAsync(player, token), IsOk, JoinLimit);

    public Task<ApiAnswer> FindAsync(string player) =>
        CallAsync($"status of {player}", token => proxy.StatusAsync(player, token), IsOk);

    /// <summary>Returns the player's seat if a match came first.</summary>
    public async Task<Seat?> LeaveAsync(string player)
    {
        var left = await CallAsync(
            $"leave of {player}",
            token => proxy.LeaveAsync(player, token),
            answer => answer.Code is HttpStatusCode.OK or HttpStatusCode.Conflict);
        return left.Code == HttpStatusCode.Conflict ? await WaitUntilMatchedAsync(player) : null;
    }

    public async Task<Seat> WaitUntilMatchedAsync(string player) => Seat.Of(player, await CallAsync(
        $"match of {player}", token => proxy.StatusAsync(player, seconds: 10, token), answer => Is(answer, "matched")));

    public Task WaitUntilEndedAsync(string player) => CallAsync(
        $"end of the match of {player}", token => proxy.StatusAsync(player, token), answer => Is(answer, "ended"));

    public async Task EndAsync(IEnumerable<Seat> seats)
    {
        foreach (var session in seats.Select(seat => seat.SessionId).Distinct())
        {
            await CallAsync($"end of {session}", token => proxy.EndAsync(session, token), IsOk);
        }
    }

    private static bool IsOk(ApiAnswer answer) => answer.Code == HttpStatusCode.OK;

    private static bool Is(ApiAnswer answer, string status) => IsOk(answer) && answer.Text("status") == status;

    private static Task<ApiAnswer> CallAsync(
        string what, Func<CancellationToken, Task<ApiAnswer>> call, Func<ApiAnswer, bool> isEnough, TimeSpan? callLimit = null) =>
        Eventually.GetAsync(
            what,
            async token =>
            {
                using var within = CancellationTokenSource.CreateLinkedTokenSource(token);
                within.CancelAfter(callLimit ?? CallLimit);
                try
                {
                    var answer = await call(within.Token);
                    Assert.True(
                        answer.Code is < HttpStatusCode.InternalServerError or >= HttpStatusCode.BadGateway, $"{what}: {answer.Raw}");
                    return answer;
                }
                catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !token.IsCancellationRequested))
                {
                    return new ApiAnswer(default, MediaType: null, Body: default, e.Message);
                }
            },
            isEnough,
            Limit,
            Pause);
}
