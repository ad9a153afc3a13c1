using GameStack.Backend.Life;
using GameStack.ServiceDefaults.Timing;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>Brings a match to a pod: takes one, has the match assigned, and sees to the pod if that fails.</summary>
internal sealed partial class PodAllocator(
    MatchPods pods, StandbyPods standby, PodCatalog catalog, PodAddress addresses, PodAssigner assigner,
    IOptions<GameServersOptions> options, FleetInstruments instruments, MatchLife life, TimeProvider time, ILogger<PodAllocator> logger)
{
    /// <summary>How long a pod may take to go back to standby, when its match's time is already over.</summary>
    private static readonly TimeSpan ReturnTimeout = TimeSpan.FromSeconds(5);

    private readonly TimeSpan _allocationTimeout = options.Value.AllocationTimeout;

    /// <inheritdoc cref="IGameServerFleet.AllocateAsync"/>
    public async Task<Result<RunningGameServer>> AllocateAsync(
        Guid matchId, IReadOnlyList<string> players, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(players);
        var askedAt = time.GetTimestamp();
        using var limit = new TimeLimit(_allocationTimeout, time, cancellationToken);
        Result<RunningGameServer> allocation;
        string? lastFailure = null;
        try
        {
            allocation = await FindServerAsync(matchId, players, failure => lastFailure = failure, limit.Token);
        }
        catch (OperationCanceledException) when (limit.HasExpired)
        {
            var why = catalog.Find(matchId) is { WaitsFor: { } waitsFor } pod
                ? $"Pod {pod.Name} has not started: {waitsFor}"
                : assigner.Obstacle ?? pods.Obstacle ?? lastFailure;
            allocation = Result<RunningGameServer>.Failed(
                $"There was no game server within {_allocationTimeout.TotalSeconds:0.###} s{(why is null ? "." : $": {why}")}");
        }

        if (!allocation.IsSuccess)
        {
            await LetGoAsync(matchId, cancellationToken);
        }

        instruments.Allocated(time.GetElapsedTime(askedAt), allocation);
        return allocation;
    }

    private async Task<Result<RunningGameServer>> FindServerAsync(
        Guid matchId, IReadOnlyList<string> players, Action<string?> onFailure, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (catalog.Find(matchId) is null)
            {
                await assigner.PassAsync(cancellationToken);
            }

            var taken = await pods.TakeAsync(matchId, cancellationToken);
            if (taken.Value is not { } pod)
            {
                return Result<RunningGameServer>.Failed(taken.Failure!);
            }

            life.Announce(new MatchStep.ServerFound(matchId));
            var (assigned, session) = await assigner.AssignAsync(pod, matchId, players, cancellationToken);
            if (assigned.Value is { } server)
            {
                standby.ReportAcceptance();
                Log.Assigned(logger, matchId, pod.Name, server.Host, server.Port);
                return assigned;
            }

            onFailure(assigned.Failure);
            if (session is null || !await MayTryAgainAsync(pod, matchId, session.Value, cancellationToken))
            {
                return assigned;
            }
        }
    }

    /// <summary>Sees to a pod whose server has not accepted the match.</summary>
    private async Task<bool> MayTryAgainAsync(
        GameServerPod pod, Guid matchId, ControlSession session, CancellationToken cancellationToken)
    {
        if (session.Kind == ControlSessionKind.Match && session.MatchId != matchId)
        {
            // Its labels did not say so. The queue that has that match looks after it.
            return await standby.RepairAsync(pod, session.MatchId!.Value, isOwn: false, cancellationToken) is not null;
        }

        if (session.Kind == ControlSessionKind.Denied)
        {
            await LetGoOfDenyingAsync(pod, matchId, cancellationToken);
            return true;
        }

        return session.Kind == ControlSessionKind.Silent && catalog.Get(pod.Name) is { IsStarting: true };
    }

    /// <summary>A pod of the pool goes back to it. One that was created for the match is kept: another one would deny, too.</summary>
    private async Task LetGoOfDenyingAsync(GameServerPod pod, Guid matchId, CancellationToken cancellationToken)
    {
        await standby.ReportDenialAsync(pod, cancellationToken);
        catalog.Refuse(pod);
        if (pod.IsFromPool)
        {
            await standby.ReturnAsync(pod, matchId, cancellationToken);
        }

        await catalog.WaitUntilAsync(() => catalog.Find(matchId)?.Uid != pod.Uid, cancellationToken);
    }

    /// <summary>
    /// What a failed try leaves: a pod whose server never had the match goes back to standby, and one that is still starting serves the
    /// next try. Any other is abandoned.
    /// </summary>
    private async Task LetGoAsync(Guid matchId, CancellationToken cancellationToken)
    {
        if (catalog.Find(matchId) is not { } pod || catalog.Keep(pod))
        {
            return;
        }

        if (pod.IsFromPool && !addresses.IsOpen(pod))
        {
            using var limit = new TimeLimit(ReturnTimeout, time, cancellationToken);
            try
            {
                await standby.ReturnAsync(pod, matchId, limit.Token);
            }
            catch (OperationCanceledException) when (limit.HasExpired)
            {
                // It is abandoned below.
            }
        }

        if (catalog.Find(matchId) is { } useless && useless.Uid == pod.Uid)
        {
            Log.Abandoned(logger, pod.Name, matchId);
            catalog.Abandon(pod);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.KubernetesFleetAssigned, LogLevel.Information, "Match {MatchId} plays on pod {Pod}, at {Host}:{Port}")]
        public static partial void Assigned(ILogger logger, Guid matchId, string pod, string host, int port);

        [LoggerMessage(EventIds.Abandoned, LogLevel.Warning, "Abandoning pod {Pod}: match {MatchId} needs another one")]
        public static partial void Abandoned(ILogger logger, string pod, Guid matchId);
    }
}
