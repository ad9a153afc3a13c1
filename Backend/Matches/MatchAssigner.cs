using System.Collections.Concurrent;
using System.Diagnostics;
using GameStack.Backend.GameServers;
using GameStack.Backend.Life;
using GameStack.Backend.Queue;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.Matches;

/// <summary>Finds a server for each claimed match and assigns the match to it. Works on a limited number of claims at a time.</summary>
internal sealed partial class MatchAssigner(
    IMatchQueue queue, IGameServerFleet fleet, MatchmakingInstruments instruments, QueueSignals signals, MatchLife life, TimeProvider time,
    IOptions<MatchmakingOptions> options, ILogger<MatchAssigner> logger) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<Guid, Task> _claims = [];
    private readonly SemaphoreSlim _slots = new(options.Value.MaxConcurrentClaims);
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>The matches that this backend must find servers for.</summary>
    public ICollection<Guid> Held => _claims.Keys;

    /// <summary>
    /// Starts work on a claim and keeps its lease until the match is assigned or its players are queued again. A stopping backend hands the
    /// claim over instead.
    /// </summary>
    public void Begin(MatchClaim claim)
    {
        ArgumentNullException.ThrowIfNull(claim);
        instruments.Claimed();
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
            Log.QueueUnavailable(logger, claim.MatchId, e.Message); // When the lease expires, any backend takes over.
        }
        catch (Exception e)
        {
            Log.Broken(logger, e, claim.MatchId);
        }
        finally
        {
            _claims.TryRemove(claim.MatchId, out _);
            begun.SetResult();
        }
    }

    private async Task LetGoAsync(MatchClaim claim)
    {
        try
        {
            await queue.HandOverAsync([claim.MatchId], CancellationToken.None);
            await life.ReachAsync(MatchStep.Released, CancellationToken.None);
            Log.HandedOver(logger, claim.MatchId);
        }
        catch (DependencyUnavailableException e)
        {
            Log.QueueUnavailable(logger, claim.MatchId, e.Message);
        }

        await fleet.ReleaseAsync(claim.MatchId, CancellationToken.None); // The fleet may keep looking for a server after the cancelled call.
    }

    private async Task FindServerAsync(MatchClaim claim, CancellationToken cancellationToken)
    {
        using var trace = instruments.Traces.StartActivity("match", ActivityKind.Internal, default(ActivityContext), links: Links(claim));
        trace?.SetTag("gamestack.match.id", claim.MatchId);
        trace?.SetTag("gamestack.match.players", claim.Players.Count);

        await life.ReachAsync(MatchStep.Claimed, cancellationToken);

        // When the backend stops, only the wait for a server is cancelled: the outcome of every call to the queue must be known.
        for (int? attempt = claim.Try; attempt is not null; attempt = await RetryAsync(claim))
        {
            var allocation = await fleet.AllocateAsync(claim.MatchId, claim.Players, cancellationToken);
            if (allocation.Value is { } server)
            {
                await life.ReachAsync(MatchStep.ServerTold, CancellationToken.None);
                await AssignAsync(claim, server);
                return;
            }

            // A stopping backend's fleet has no more servers; this does not count as a try.
            cancellationToken.ThrowIfCancellationRequested();
            Log.NoServer(logger, claim.MatchId, attempt.Value, allocation.Failure!);
        }

        await life.ReachAsync(MatchStep.Released, cancellationToken);
        instruments.GivenBack();
        Log.GivenBack(logger, claim.MatchId, claim.Players.Count);
        signals.WakeQueue();
    }

    /// <summary>
    /// Ends the server that a failed try left behind, but only if the queue says that this backend still holds the claim: otherwise,
    /// players may be playing on that server.
    /// </summary>
    private async Task<int?> RetryAsync(MatchClaim claim)
    {
        var next = await queue.RetryAsync(claim, CancellationToken.None);
        if (next is not null)
        {
            await fleet.EndAsync(claim.MatchId, CancellationToken.None);
        }

        return next;
    }

    private async Task AssignAsync(MatchClaim claim, RunningGameServer server)
    {
        if (await queue.AssignAsync(claim, server, CancellationToken.None))
        {
            await life.ReachAsync(MatchStep.Assigned, CancellationToken.None);
            instruments.Assigned(claim.Players.Count, time.GetUtcNow() - claim.CreatedAt);
            Log.Assigned(logger, claim.MatchId, claim.Players.Count, server.Name, server.Host, server.Port);
            return;
        }

        instruments.GivenBack();
        Log.ClaimLost(logger, claim.MatchId);
        await fleet.ReleaseAsync(claim.MatchId, CancellationToken.None);
    }

    private static IEnumerable<ActivityLink> Links(MatchClaim claim) => claim.JoinTraces
        .Select(trace => ActivityContext.TryParse(trace, traceState: null, isRemote: true, out var context) ? context : default)
        .Where(context => context != default)
        .Select(context => new ActivityLink(context));

    private static partial class Log
    {
        [LoggerMessage(130, LogLevel.Information, "Match {MatchId} of {Players} players is on {Server} at {Host}:{Port}")]
        public static partial void Assigned(ILogger logger, Guid matchId, int players, string server, string host, int port);

        [LoggerMessage(131, LogLevel.Warning, "Match {MatchId}, try {Try}: {Reason}")]
        public static partial void NoServer(ILogger logger, Guid matchId, int @try, string reason);

        [LoggerMessage(132, LogLevel.Warning, "Match {MatchId} got no server; its {Players} players are at the head of the queue again")]
        public static partial void GivenBack(ILogger logger, Guid matchId, int players);

        [LoggerMessage(133, LogLevel.Warning, "The claim of match {MatchId} was lost to another backend")]
        public static partial void ClaimLost(ILogger logger, Guid matchId);

        [LoggerMessage(134, LogLevel.Warning, "Match {MatchId}: the queue cannot be reached ({Reason}); its lease decides who carries on")]
        public static partial void QueueUnavailable(ILogger logger, Guid matchId, string reason);

        [LoggerMessage(136, LogLevel.Information, "Match {MatchId} has no server yet and is handed over: this backend stops")]
        public static partial void HandedOver(ILogger logger, Guid matchId);

        [LoggerMessage(135, LogLevel.Error, "Match {MatchId} could not be assigned; its lease decides who carries on")]
        public static partial void Broken(ILogger logger, Exception exception, Guid matchId);
    }
}
