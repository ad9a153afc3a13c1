using GameStack.Contracts.Api;
using GameStack.ServiceDefaults.Timing;

namespace GameStack.LoadTester.Players;

/// <summary>A player's way from its join to its match.</summary>
internal sealed class MatchSearch(string playerId, PlayerSurroundings surroundings, PlayerProgress progress)
{
    /// <summary>Joins and waits for a match. Returns null if the player failed.</summary>
    public async Task<MatchAddress?> FindAsync(CancellationToken cancellationToken)
    {
        var patience = surroundings.Settings.GiveUpAfter;
        using var limit = new TimeLimit(patience, surroundings.Time, cancellationToken);
        try
        {
            var joined = await JoinAsync(limit.Token);
            if (joined is null)
            {
                return null;
            }

            var found = PendingId.IsPendingId(joined.SessionId) ? await FollowAsync(limit.Token) : MatchAddress.From(joined);
            if (found.Value is not { } match)
            {
                progress.Fail(PlayerPhase.Match, found.Fault!);
                return null;
            }

            progress.Matched();
            if (surroundings.Sessions.Add(playerId, match) is { } contradiction)
            {
                progress.Fail(PlayerPhase.Match, contradiction);
            }

            return match;
        }
        catch (OperationCanceledException) when (limit.HasExpired)
        {
            progress.GiveUp(patience);
            return null;
        }
    }

    private async Task<JoinResponse?> JoinAsync(CancellationToken cancellationToken)
    {
        using var span = PlayerProgress.Span(PlayerPhase.Join);
        var answer = await surroundings.Retries.RunAsync(
            PlayerPhase.Join, () => surroundings.Api.JoinAsync(playerId, cancellationToken), cancellationToken);
        if (answer.Value is { } joined)
        {
            progress.Joined();
            return joined;
        }

        progress.Fail(PlayerPhase.Join, answer.Fault!);
        return null;
    }

    private async Task<PhaseResult<MatchAddress>> FollowAsync(CancellationToken cancellationToken)
    {
        using var span = PlayerProgress.Span(PlayerPhase.Match);
        return await surroundings.Follower.FollowAsync(playerId, cancellationToken);
    }
}
