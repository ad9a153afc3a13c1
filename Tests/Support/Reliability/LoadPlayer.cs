using System.Net;
using System.Net.Sockets;
using GameStack.Backend;

namespace GameStack.Tests.Support.Reliability;

/// <summary>
/// A player as the contract knows one: joins, follows the status, plays, ends, and lives again. A call that is cut off is made again at
/// another backend.
/// </summary>
internal sealed class LoadPlayer(BackendPool backends, QueueView queue, PlayerLedger ledger, string name)
{
    /// <summary>How long a player may be left without a change; far more than any take-over needs.</summary>
    private static readonly TimeSpan Limbo = TimeSpan.FromSeconds(90);

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(0.2);

    /// <summary>Joins again and again until <paramref name="enough"/> is cancelled; then comes to the end of the last match.</summary>
    /// <param name="enough">No further join.</param>
    /// <param name="alone">Nobody is left to play with: a life that waits is left as it is.</param>
    public async Task LiveAsync(CancellationToken enough, CancellationToken alone)
    {
        string? before = null;
        for (var i = 1; !enough.IsCancellationRequested; i++)
        {
            // Some come back under their name, as people do.
            before = await LiveOnceAsync($"{name}-{(i + 1) / 2}", before, alone);
        }
    }

    /// <summary>Answers the match that was played.</summary>
    /// <param name="player">Who lives.</param>
    /// <param name="before">The match before.</param>
    /// <param name="alone">Nobody is left to play with.</param>
    private async Task<string?> LiveOnceAsync(string player, string? before, CancellationToken alone)
    {
        var life = await JoinAsync(player, before);
        ledger.Write(life);
        while (!life.IsOver)
        {
            using var limbo = CancellationTokenSource.CreateLinkedTokenSource(alone);
            limbo.CancelAfter(Limbo);
            try
            {
                life = life.Seat is null ? await WaitAsync(life, before, limbo.Token) : await WaitForEndAsync(life, limbo.Token);
                ledger.Write(life);
            }
            catch (OperationCanceledException) when (alone.IsCancellationRequested)
            {
                return null; // The audit says whether this one still waits.
            }
            catch (OperationCanceledException) when (limbo.IsCancellationRequested)
            {
                ledger.Break($"{life.Player} was left without news for {Limbo.TotalSeconds} s: {life}");
                return null;
            }
        }

        return life.EndedSession;
    }

    private async Task<PlayerLife> JoinAsync(string player, string? before)
    {
        while (true)
        {
            var answer = await CallAsync(
                client => client.JoinAsync(player, CancellationToken.None),
                CancellationToken.None,
                () => ledger.CountUnansweredJoin(player));
            var session = answer.Ok().Text("session_id");
            if (IsNoNews(session, before))
            {
                await Task.Delay(Pause, CancellationToken.None);
                continue;
            }

            var life = new PlayerLife(player, await ReadSinceAsync(player));
            return session.StartsWith("pending:", StringComparison.Ordinal)
                ? life
                : await PlayAsync(life with { Seat = Seat.Of(player, answer) });
        }
    }

    /// <summary>
    /// Empty when only a backend's memory has it, since Redis is or was unavailable; a player whose match is over has that of the match.
    /// </summary>
    private async Task<string> ReadSinceAsync(string player)
    {
        try
        {
            var place = (await queue.PlacesAsync([player]))[0];
            return place.State is "waiting" or "claimed" or "matched" ? place.Since : "";
        }
        catch (DependencyUnavailableException)
        {
            return "";
        }
    }

    private async Task<PlayerLife> WaitAsync(PlayerLife life, string? before, CancellationToken cancellationToken)
    {
        while (true)
        {
            var answer = await CallAsync(client => client.StatusAsync(life.Player, seconds: 2, cancellationToken), cancellationToken);
            switch (answer.Code == HttpStatusCode.OK ? answer.Text("status") : answer.Raw)
            {
                case "matched" or "ended" when IsNoNews(answer.Text("session_id"), before):
                    await Task.Delay(Pause, cancellationToken);
                    break;
                case "matched":
                    return await PlayAsync(life with { Seat = Seat.Of(life.Player, answer) });
                case "ended":
                    return life with { EndedSession = answer.Text("session_id") };
                case "pending":
                    break;
                default:
                    ledger.Break($"{life.Player} was told to wait, and then: {answer.Raw}");
                    await Task.Delay(Pause, cancellationToken);
                    break;
            }
        }
    }

    /// <summary>Half of them ask for a short match, the others let the API end it. Writes what was told before it goes on.</summary>
    private async Task<PlayerLife> PlayAsync(PlayerLife life)
    {
        ledger.Write(life);
        using var within = new CancellationTokenSource(Limbo);
        try
        {
            await using var game = await LineClient.ConnectAsync(life.Seat!, within.Token);
            if (Random.Shared.Next(2) == 0)
            {
                await game.SendLineAsync("REQUEST_MATCH 0.2");
            }
            else
            {
                var answer = await CallAsync(client => client.EndAsync(life.Seat!.SessionId, within.Token), within.Token);
                if (answer.Code != HttpStatusCode.OK)
                {
                    ledger.Break($"{life.Player} could not end {life.Seat!.SessionId}: {answer.Raw}");
                }
            }

            await game.ReadToEndAsync();
        }
        catch (InvalidOperationException e) when (e.InnerException is SocketException)
        {
            return life with { RefusedAt = DateTime.UtcNow };
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            // The server was killed with its backend while we played.
        }

        return life;
    }

    private async Task<PlayerLife> WaitForEndAsync(PlayerLife life, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                if (await HearsOfEndAsync(life, cancellationToken))
                {
                    return life with { EndedSession = life.Seat!.SessionId };
                }
            }
            catch (Exception e) when (IsCut(e, cancellationToken))
            {
                ledger.CountCut();
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <summary>Follows the events of one backend until they stop.</summary>
    private async Task<bool> HearsOfEndAsync(PlayerLife life, CancellationToken cancellationToken)
    {
        var backend = backends.Any();
        try
        {
            await foreach (var change in backend.Client.EventsAsync(life.Player, cancellationToken))
            {
                if (change.GetProperty("status").GetString() != "ended")
                {
                    continue;
                }

                if (change.GetProperty("session_id").GetString() == life.Seat!.SessionId)
                {
                    return true;
                }

                if (!ledger.IsRedisAway)
                {
                    ledger.Break($"{life.Player} followed {life.Seat.SessionId}, and was told by {backend.Name}: {change}");
                }
            }
        }
        catch (HttpRequestException e) when (e.StatusCode is { } code)
        {
            if (!await IsForNowAsync(code, backend))
            {
                ledger.Break($"{life.Player} followed {life.Seat!.SessionId}, and was answered {(int)code} by {backend.Name}");
            }
        }

        return false;
    }

    private async Task<ApiAnswer> CallAsync(
        Func<ContractClient, Task<ApiAnswer>> call, CancellationToken cancellationToken, Action? onUnanswered = null)
    {
        while (true)
        {
            try
            {
                var backend = backends.Any();
                var answer = await call(backend.Client);
                if (!await IsForNowAsync(answer.Code, backend))
                {
                    return answer;
                }
            }
            catch (Exception e) when (IsCut(e, cancellationToken))
            {
                ledger.CountCut();
            }

            onUnanswered?.Invoke();
            await Task.Delay(Pause, cancellationToken);
        }
    }

    /// <summary>Whether the call is to be made again: it was refused for a while, or failed, which no call may.</summary>
    private async Task<bool> IsForNowAsync(HttpStatusCode code, CrashBackend backend)
    {
        switch (code)
        {
            case HttpStatusCode.ServiceUnavailable:
                ledger.CountRefused();
                return true;
            case HttpStatusCode.InternalServerError:
                ledger.Break($"500, and not 503: {await backend.ReadFailureAsync()}");
                return true;
            default:
                return false;
        }
    }

    /// <summary>
    /// While Redis is unavailable, and until it knows what was done meanwhile, a backend may know only the match before: what it says
    /// of that is no news.
    /// </summary>
    private bool IsNoNews(string session, string? before) => ledger.IsRedisAway && session == before;

    private static bool IsCut(Exception e, CancellationToken cancellationToken) =>
        e is HttpRequestException or IOException or ObjectDisposedException
            || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
