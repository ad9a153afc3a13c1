using System.Diagnostics;
using GameStack.Contracts.Api;
using GameStack.LoadTester.Report;
using GameStack.LoadTester.Stack;
using Microsoft.Extensions.Logging;

namespace GameStack.LoadTester.Players;

/// <summary>One player, from its join to the end of its match.</summary>
internal sealed partial class Player(string id, PlayerSurroundings surroundings)
{
    private readonly MatchApiClient _api = surroundings.Api;
    private readonly TimeProvider _time = surroundings.Time;
    private readonly PlayerProgress _progress = new(surroundings.Board, surroundings.Time);

    /// <summary>
    /// Runs the player from its join to the end of its match. A failure of the player is recorded, not thrown. Cancelling interrupts the
    /// player; a waiting player then leaves the queue.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var span = LoadTelemetry.Source.StartActivity("player");
        span?.SetTag("gamestack.player.id", id);
        _progress.Start();
        try
        {
            var match = await FindMatchAsync(cancellationToken);
            if (match is not null)
            {
                span?.SetTag("gamestack.session.id", match.SessionId);
                await PlayAsync(match, cancellationToken);
            }
            else if (_progress.MayBeQueued)
            {
                await LeaveAsync();
            }

            _progress.Finished();
            if (_progress.Failure is { } failure)
            {
                span?.SetStatus(ActivityStatusCode.Error, failure.ToString());
                Log.Failed(surroundings.Logger, id, match?.SessionId, failure);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            if (_progress.MayBeQueued)
            {
                await LeaveAsync();
            }

            _progress.Stopped();
        }
    }

    /// <summary>Joins and waits for a match. Returns null if the player failed.</summary>
    private async Task<MatchAddress?> FindMatchAsync(CancellationToken cancellationToken)
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        giveUp.CancelAfter(surroundings.Settings.GiveUpAfter);
        try
        {
            var joined = await JoinAsync(giveUp.Token);
            if (joined is null)
            {
                return null;
            }

            var found = PendingId.IsPendingId(joined.SessionId) ? await FollowAsync(giveUp.Token) : MatchAddress.From(joined);
            if (found.Value is not { } match)
            {
                _progress.Fail(PlayerPhase.Match, found.Fault!);
                return null;
            }

            _progress.Matched();
            if (surroundings.Sessions.Add(id, match) is { } contradiction)
            {
                _progress.Fail(PlayerPhase.Match, contradiction);
            }

            return match;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _progress.Fail(_progress.Phase, $"gave up after {surroundings.Settings.GiveUpAfter.TotalSeconds:0.#} s");
            return null;
        }
    }

    private async Task<JoinResponse?> JoinAsync(CancellationToken cancellationToken)
    {
        using var span = PlayerProgress.Span(PlayerPhase.Join);
        while (true)
        {
            var answer = await _api.JoinAsync(id, cancellationToken);
            if (answer.Value is { } joined)
            {
                _progress.Joined();
                return joined;
            }

            if (!answer.MayPass || answer.RetryAfter is not { } asked)
            {
                _progress.Fail(PlayerPhase.Join, answer.Fault!);
                return null;
            }

            surroundings.Board.Retried(new PlayerFailure(PlayerPhase.Join, answer.Fault!));
            await Task.Delay(asked > surroundings.Limits.PollInterval ? asked : surroundings.Limits.PollInterval, _time, cancellationToken);
        }
    }

    private async Task<PhaseResult<MatchAddress>> FollowAsync(CancellationToken cancellationToken)
    {
        using var span = PlayerProgress.Span(PlayerPhase.Match);
        return await surroundings.Follower.FollowAsync(id, cancellationToken);
    }

    private async Task PlayAsync(MatchAddress match, CancellationToken cancellationToken)
    {
        using var game = new PlayedGame(match, surroundings, _progress);
        if (await game.PlayAsync(cancellationToken))
        {
            _progress.Ending();
            await EndAsync(match, cancellationToken);
        }
    }

    private async Task EndAsync(MatchAddress match, CancellationToken cancellationToken)
    {
        using var span = PlayerProgress.Span(PlayerPhase.End);
        var start = _time.GetTimestamp();
        var answer = await _api.EndAsync(match.SessionId, cancellationToken);
        if (answer.Fault is { } fault)
        {
            _progress.Fail(PlayerPhase.End, fault);
        }
        else
        {
            _progress.EndAnswered(_time.GetElapsedTime(start));
        }
    }

    /// <summary>
    /// Removes the player from the queue, so that no other player is matched with a player who has gone. Whether the call succeeds does not
    /// affect the result of the run.
    /// </summary>
    private async Task LeaveAsync() => await _api.LeaveAsync(id, CancellationToken.None);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Player {PlayerId} of session {SessionId} failed: {Failure}")]
        public static partial void Failed(ILogger logger, string playerId, string? sessionId, PlayerFailure failure);
    }
}
