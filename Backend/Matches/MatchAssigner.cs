using System.Collections.Concurrent;
using GameStack.Backend.GameServers;
using GameStack.Backend.Life;
using GameStack.Backend.Queue;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.Matches;

/// <summary>Finds a server for each claimed match and assigns the match to it. Works on a limited number of claims at a time.</summary>
internal sealed partial class MatchAssigner(
    IMatchQueue queue, IGameServerFleet fleet, QueueSignals signals, MatchLife life, TimeProvider time,
    IOptions<MatchmakingOptions> options, ILogger<MatchAssigner> logger) : IMatchAssigner, IAsyncDisposable
{
    private readonly ConcurrentDictionary<Guid, Task> _claims = [];
    private readonly SemaphoreSlim _slots = new(options.Value.MaxConcurrentClaims);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>The matches that this backend must find servers for.</summary>
    public ICollection<Guid> Held => _claims.Keys;

    public void Begin(MatchClaim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        var begun = new TaskCompletionSource();
        if (_claims.TryAdd(claim.MatchId, begun.Task))
        {
            _ = RunAsync(claim, begun);
        }
    }

    /// <summary>Stops finding servers and waits until every held claim is assigned or handed over.</summary>
    public async Task HandOverAsync()
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_claims.Values);
    }

    public ValueTask DisposeAsync()
    {
        _stopping.Dispose();
        _slots.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task RunAsync(MatchClaim claim, TaskCompletionSource begun)
    {
        try
        {
            await _slots.WaitAsync(_stopping.Token);
            try
            {
                await FindServerAsync(claim, _stopping.Token);
            }
            finally
            {
                _slots.Release();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            await LetGoAsync(claim);
        }
        catch (DependencyUnavailableException e)
        {
            Log.LeftToItsLease(logger, claim.MatchId, e.Message);
            await GiveBackAsync(claim);
        }
        catch (Exception e)
        {
            Log.Failed(logger, e, claim.MatchId);
            await GiveBackAsync(claim);
        }
        finally
        {
            _claims.TryRemove(claim.MatchId, out _);
            begun.SetResult();
        }
    }

    /// <summary>A claim in memory has no lease that expires: its players wait again.</summary>
    private Task GiveBackAsync(MatchClaim claim) =>
        claim.IsInMemory ? queue.HandOverAsync(claim, CancellationToken.None) : Task.CompletedTask;

    private async Task LetGoAsync(MatchClaim claim)
    {
        try
        {
            await queue.HandOverAsync(claim, CancellationToken.None);
            life.Announce(new MatchStep.HandedOver(claim.MatchId));
        }
        catch (DependencyUnavailableException e)
        {
            Log.LeftToItsLease(logger, claim.MatchId, e.Message);
        }

        // The fleet may keep looking for a server after the cancelled call.
        await fleet.ReleaseAsync(claim.MatchId, CancellationToken.None);
    }

    private async Task FindServerAsync(MatchClaim claim, CancellationToken cancellationToken)
    {
        using var trace = MatchTraces.Start(claim.MatchId, claim.JoinTraces);
        life.Announce(new MatchStep.Claimed(claim.MatchId));

        // When the backend stops, only the wait for a server is cancelled: the outcome of every call to the queue must be known.
        for (int? attempt = claim.Try; attempt is not null; attempt = await RetryAsync(claim))
        {
            var allocation = await fleet.AllocateAsync(claim.MatchId, claim.Players, cancellationToken);
            if (allocation.Value is { } server)
            {
                life.Announce(new MatchStep.ServerTold(claim.MatchId));
                await AssignAsync(claim, server);
                return;
            }

            // A stopping backend's fleet has no more servers; this does not count as a try.
            cancellationToken.ThrowIfCancellationRequested();
            life.Announce(new MatchStep.TryFailed(claim.MatchId, attempt.Value, allocation.Failure!));
        }

        life.Announce(new MatchStep.GivenBack(claim.MatchId, claim.Players.Count));
        signals.WakeQueue();
    }

    /// <summary>
    /// Ends what a failed try left behind, but only if the queue says that this backend still holds the claim: otherwise,
    /// players may be playing on that server.
    /// </summary>
    private async Task<int?> RetryAsync(MatchClaim claim)
    {
        var next = await queue.RetryAsync(claim, CancellationToken.None);
        if (next is not null)
        {
            await fleet.ClearAsync(claim.MatchId, CancellationToken.None);
        }

        return next;
    }

    private async Task AssignAsync(MatchClaim claim, RunningGameServer server)
    {
        if (await queue.AssignAsync(claim, server, CancellationToken.None))
        {
            var sinceFormed = time.GetUtcNow() - claim.CreatedAt;
            life.Announce(new MatchStep.Assigned(claim.MatchId, claim.Players.Count, server.Name, server.Host, server.Port, sinceFormed));
            return;
        }

        life.Announce(new MatchStep.ClaimLost(claim.MatchId));
        await fleet.ReleaseAsync(claim.MatchId, CancellationToken.None);
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.LeftToItsLease, LogLevel.Warning,
            "Match {MatchId} could not be assigned: {Reason} It will be tried again, at the latest when its lease has expired")]
        public static partial void LeftToItsLease(ILogger logger, Guid matchId, string reason);

        [LoggerMessage(EventIds.MatchAssignerFailed, LogLevel.Error,
            "Match {MatchId} could not be assigned. It will be tried again, at the latest when its lease has expired")]
        public static partial void Failed(ILogger logger, Exception exception, Guid matchId);
    }
}
