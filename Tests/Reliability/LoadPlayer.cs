using System.Net;
using System.Net.Sockets;
using GameStack.Tests.EndToEnd;
using StackExchange.Redis;

namespace GameStack.Tests.Reliability;

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
        for (var i = 1; !enough.IsCancellationRequested; i++)
        {
            // Some come back under their name, as people do.
            await LiveOnceAsync($"{name}-{(i + 1) / 2}", alone);
        }
    }

    private async Task LiveOnceAsync(string player, CancellationToken alone)
    {
        var life = await JoinAsync(player);
        ledger.Write(life);
        while (!life.IsOver)
        {
            using var limbo = CancellationTokenSource.CreateLinkedTokenSource(alone);
            limbo.CancelAfter(Limbo);
            try
            {
                life = life.Seat is null ? await WaitAsync(life, limbo.Token) : await WaitForEndAsync(life, limbo.Token);
                ledger.Write(life);
            }
            catch (OperationCanceledException) when (alone.IsCancellationRequested)
            {
                return; // The audit says whether this one still waits.
            }
            catch (OperationCanceledException) when (limbo.IsCancellationRequested)
            {
                ledger.Break($"{life.Player} was left without news for {Limbo.TotalSeconds} s: {life}");
                return;
            }
        }
    }

    private async Task<PlayerLife> JoinAsync(string player)
    {
        var answer = await CallAsync(client => client.JoinAsync(player, CancellationToken.None), CancellationToken.None, () => ledger.CountUnansweredJoin(player));
        answer.Ok();
        var life = new PlayerLife(player, await ReadSinceAsync(player));
        var session = answer.Text("session_id");
        return session.StartsWith("pending:", StringComparison.Ordinal)
            ? life
            : await PlayAsync(life with { Seat = Seat.Of(player, answer) });
    }

    /// <summary>While Redis is away the time of joining is in a backend's memory, and comes to Redis when it is back.</summary>
    private async Task<string> ReadSinceAsync(string player)
    {
        using var limbo = new CancellationTokenSource(Limbo);
        while (true)
        {
            try
            {
                var since = await queue.SinceAsync(player);
                if (since.Length > 0 || limbo.IsCancellationRequested)
                {
                    return since;
                }
            }
            catch (RedisException) when (!limbo.IsCancellationRequested)
            {
                // Away.
            }

            await Task.Delay(Pause, CancellationToken.None);
        }
    }

    private async Task<PlayerLife> WaitAsync(PlayerLife life, CancellationToken cancellationToken)
    {
        while (true)
        {
            var answer = await CallAsync(client => client.StatusAsync(life.Player, seconds: 2, cancellationToken), cancellationToken);
            switch (answer.Code == HttpStatusCode.OK ? answer.Text("status") : answer.Raw)
            {
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
            using var game = await GameConnection.ConnectAsync(life.Seat!, within.Token);
            if (Random.Shared.Next(2) == 0)
            {
                await game.SendAsync("REQUEST_MATCH 0.2", within.Token);
            }
            else
            {
                var answer = await CallAsync(client => client.EndAsync(life.Seat!.SessionId, within.Token), within.Token);
                if (answer.Code != HttpStatusCode.OK)
                {
                    ledger.Break($"{life.Player} could not end {life.Seat!.SessionId}: {answer.Raw}");
                }
            }

            await game.ReadToEndAsync(within.Token);
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
                // Until a match that was formed in a backend's memory is known to Redis, the other backends know of the match before it.
                if (change.GetProperty("status").GetString() == "ended" && change.GetProperty("session_id").GetString() == life.Seat!.SessionId)
                {
                    return true;
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

    private async Task<ApiAnswer> CallAsync(Func<ContractClient, Task<ApiAnswer>> call, CancellationToken cancellationToken, Action? onUnanswered = null)
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

    private static bool IsCut(Exception e, CancellationToken cancellationToken) =>
        e is HttpRequestException or IOException or ObjectDisposedException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);
}
