using System.Globalization;
using GameStack.Contracts.Lines;
using GameStack.LoadTester.Run;
using GameStack.LoadTester.Stack;
using GameStack.ServiceDefaults.Timing;

namespace GameStack.LoadTester.Players;

/// <summary>
/// A player's time with its game server. A player with a ticket whose connection breaks asks for a fresh one and connects again, as the
/// contract allows while the server keeps its seat.
/// </summary>
internal sealed class PlayedGame(string playerId, MatchAddress match, PlayerSurroundings surroundings, PlayerProgress progress)
    : IDisposable
{
    private readonly MatchTranscript _transcript = new(hasTicket: match.Ticket is not null);
    private MatchAddress _match = match;
    private GameConnection? _connection;

    /// <summary>
    /// Connects, requests the match and listens until the match stops. Returns whether the server was reached; if so, the match has to be
    /// ended.
    /// </summary>
    public async Task<bool> PlayAsync(CancellationToken cancellationToken)
    {
        if (!await ConnectAsync(cancellationToken))
        {
            return false;
        }

        await ListenAsync(cancellationToken);
        return true;
    }

    public void Dispose() => _connection?.Dispose();

    private async Task<bool> ConnectAsync(CancellationToken cancellationToken)
    {
        using var span = PlayerProgress.Span(PlayerPhase.Connect);
        var isDirect = surroundings.Settings.Through == PlayThrough.Direct;
        var outcome = _match.Ticket is null && !isDirect ? new GameOutcome("matched without a ticket") : await OpenAsync(cancellationToken);

        // A match's own address must be reachable as soon as players are told; a gateway may stop at any time.
        if (outcome.IsLoss && !isDirect)
        {
            outcome = await OpenAgainAsync(PlayerPhase.Connect, outcome, cancellationToken);
        }

        if (outcome.Fault is { } fault)
        {
            progress.Fail(PlayerPhase.Connect, fault == GameOutcome.TimedOut && _connection is not null ? "no line" : fault);
            return false;
        }

        progress.Connected();
        return true;
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        using var span = PlayerProgress.Span(PlayerPhase.Play);
        var start = surroundings.Time.GetTimestamp();
        var outcome = await HearAllAsync(cancellationToken);
        while (outcome.IsLoss && _match.Ticket is not null)
        {
            outcome = await OpenAgainAsync(PlayerPhase.Play, outcome, cancellationToken);
            if (outcome.Fault is null)
            {
                outcome = await HearAllAsync(cancellationToken);
            }
        }

        var fault = outcome.Fault == GameOutcome.TimedOut ? "no stop long after the match's length" : outcome.Fault ?? _transcript.Fault;
        if (fault is null)
        {
            progress.Played(surroundings.Time.GetElapsedTime(start));
        }
        else
        {
            progress.Fail(PlayerPhase.Play, fault);
        }
    }

    /// <summary>
    /// Connects, joins with the ticket and requests the match, up to the first line of the answer. A match that runs already answers with
    /// its length and state.
    /// </summary>
    private async Task<GameOutcome> OpenAsync(CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(surroundings.Limits.Connect, surroundings.Time, cancellationToken);
        return await GameOutcome.OfAsync(limit, async () =>
        {
            _connection = await GameConnection.OpenAsync(_match, surroundings.Settings, limit.Token);
            limit.Restart(surroundings.Limits.Connect);
            var seconds = surroundings.Settings.MatchDuration.ToString("0.######", CultureInfo.InvariantCulture);

            // On a WebSocket, the gateway joins for the player.
            var join = _match.Ticket is { } ticket && surroundings.Settings.Through != PlayThrough.WebSocket
                ? $"{GameProtocol.Join} {ticket}\n"
                : "";
            await _connection.SendLineAsync($"{join}{GameProtocol.RequestMatch} {seconds}", limit.Token);
            return await HearAsync(limit.Token) ? _transcript.PassingDenial : "closed without a line";
        });
    }

    /// <summary>Repeats a fresh ticket and <see cref="OpenAsync"/> for as long as the server keeps the player's seat.</summary>
    private async Task<GameOutcome> OpenAgainAsync(PlayerPhase phase, GameOutcome lost, CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(surroundings.Limits.Reconnect, surroundings.Time, cancellationToken);
        try
        {
            while (true)
            {
                _connection?.Dispose();
                _connection = null;
                await surroundings.Retries.PauseAsync(phase, lost.Fault!, lost.RetryAfter, limit.Token);
                var answer = await surroundings.Api.StatusAsync(playerId, TimeSpan.Zero, limit.Token);
                if (answer.MayPass)
                {
                    lost = new GameOutcome(answer.Fault, IsLoss: true, answer.RetryAfter);
                    continue;
                }

                if (StatusVerdict.Of(answer) is not { Value: { } told } || told.SessionId != _match.SessionId)
                {
                    return new GameOutcome(answer.Fault ?? "the match was over before the reconnect");
                }

                _match = told;
                lost = await OpenAsync(limit.Token);
                if (!lost.IsLoss && lost.Fault != GameOutcome.TimedOut)
                {
                    return lost;
                }
            }
        }
        catch (OperationCanceledException) when (limit.HasExpired)
        {
            return new GameOutcome(lost.Fault);
        }
    }

    private async Task<GameOutcome> HearAllAsync(CancellationToken cancellationToken)
    {
        using var limit = new TimeLimit(Longest(), surroundings.Time, cancellationToken);
        return await GameOutcome.OfAsync(limit, async () =>
        {
            while (!_transcript.IsOver)
            {
                if (!await HearAsync(limit.Token))
                {
                    return "closed before stop";
                }

                limit.Restart(Longest());
            }

            return null;
        });
    }

    /// <summary>Returns false at the end of the connection.</summary>
    private async Task<bool> HearAsync(CancellationToken cancellationToken)
    {
        if (await _connection!.ReadLineAsync(cancellationToken) is not { } line)
        {
            return false;
        }

        _transcript.Add(line);
        return true;
    }

    /// <summary>How long the rest of the match may take. Another player's request may have set a length other than ours.</summary>
    private TimeSpan Longest() =>
        TimeSpan.FromSeconds(Math.Max(_transcript.RunningLength ?? 0, surroundings.Settings.MatchDuration)) + surroundings.Limits.StopGrace;
}
