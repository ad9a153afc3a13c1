using System.Diagnostics;
using GameStack.Contracts.Api;
using GameStack.Contracts.Tickets;
using GameStack.LoadTester.Report;
using GameStack.LoadTester.Stack;
using GameStack.ServiceDefaults.Timing;
using Microsoft.Extensions.Logging;

namespace GameStack.LoadTester.Players;

/// <summary>One player, from its join to the end of its match.</summary>
internal sealed partial class Player(string id, PlayerSurroundings surroundings)
{
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
            var match = await new MatchSearch(id, surroundings, _progress).FindAsync(cancellationToken);
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

    private async Task PlayAsync(MatchAddress match, CancellationToken cancellationToken)
    {
        var foundAt = surroundings.Time.GetTimestamp();
        using var game = new PlayedGame(id, match, surroundings, _progress);
        if (await game.PlayAsync(cancellationToken))
        {
            _progress.Ending();
            await EndAsync(match, foundAt, cancellationToken);
        }
    }

    private async Task EndAsync(MatchAddress match, long foundAt, CancellationToken cancellationToken)
    {
        using var span = PlayerProgress.Span(PlayerPhase.End);
        var start = surroundings.Time.GetTimestamp();
        var patience = surroundings.Settings.GiveUpAfter;
        using var limit = new TimeLimit(patience, surroundings.Time, cancellationToken);
        try
        {
            var answer = await surroundings.Retries.RunAsync(
                PlayerPhase.End, () => TryEndAsync(match, foundAt, limit.Token), limit.Token);
            if (answer.Fault is { } fault)
            {
                _progress.Fail(PlayerPhase.End, fault);
            }
            else
            {
                _progress.EndAnswered(surroundings.Time.GetElapsedTime(start));
            }
        }
        catch (OperationCanceledException) when (limit.HasExpired)
        {
            _progress.GiveUp(patience);
        }
    }

    /// <summary>Ends the match with its ticket, or with a fresh one when that is too old; a match that is over has none.</summary>
    private async Task<ApiAnswer<StatusResponse>> TryEndAsync(MatchAddress match, long foundAt, CancellationToken cancellationToken)
    {
        var ticket = match.Ticket;
        if (ticket is not null && surroundings.Time.GetElapsedTime(foundAt) >= TicketClaims.Lifetime)
        {
            var status = await surroundings.Api.StatusAsync(id, wait: TimeSpan.Zero, cancellationToken);
            if (status.Value is not { Status: MatchStatus.Matched })
            {
                return status;
            }

            ticket = status.Value.Ticket;
        }

        return await surroundings.Api.EndAsync(id, match.SessionId, ticket, cancellationToken);
    }

    /// <summary>
    /// Removes the player from the queue, so that no other player is matched with a player who has gone. Whether the call succeeds does not
    /// affect the result of the run.
    /// </summary>
    private async Task LeaveAsync()
    {
        using var limit = new TimeLimit(surroundings.Limits.Leave, surroundings.Time, CancellationToken.None);
        try
        {
            await surroundings.Retries.RunAsync(PlayerPhase.Leave, () => surroundings.Api.LeaveAsync(id, limit.Token), limit.Token);
        }
        catch (OperationCanceledException) when (limit.HasExpired)
        {
            // The player is out of the queue when it counts as silent.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.PlayerFailed, LogLevel.Warning, "Player {PlayerId} of match {SessionId} failed: {Failure}.")]
        public static partial void Failed(ILogger logger, string playerId, string? sessionId, PlayerFailure failure);
    }
}
