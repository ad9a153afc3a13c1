using System.Net;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>Finds a pod for a match: the one it already has, one on standby, or a new one, whichever there is first.</summary>
internal sealed partial class MatchPods
{
    private readonly KubernetesCalls _calls;
    private readonly PodCatalog _catalog;
    private readonly StandbyPods _standby;
    private readonly NewPods _new;
    private readonly bool _hasStandby;
    private readonly FleetInstruments _instruments;
    private readonly TimeProvider _time;
    private readonly ILogger<MatchPods> _logger;
    private readonly RetryGate _creates;

    public MatchPods(
        KubernetesCalls calls, PodCatalog catalog, StandbyPods standby, NewPods @new, IOptions<KubernetesFleetOptions> options,
        FleetInstruments instruments, TimeProvider time, ILogger<MatchPods> logger)
    {
        (_calls, _catalog, _standby, _new, _instruments, _time, _logger) = (calls, catalog, standby, @new, instruments, time, logger);
        _creates = new RetryGate(time);
        catalog.RoomMade = _creates.Hurry;

        // A standby pod has no port of its own on the node; with exposure HostPort, each match gets a new pod that has one.
        _hasStandby = options.Value.Exposure != GameServerExposure.HostPort;
    }

    /// <summary>Why matches get no pods at present; null while they do.</summary>
    public string? Obstacle => _standby.Obstacle ?? _creates.Reason;

    /// <summary>See <see cref="IGameServerFleet.WhyFull"/>. The log has the API server's own words.</summary>
    public string? WhyFull
    {
        get
        {
            if (_hasStandby && _catalog.StandbyCount > 0)
            {
                return null;
            }

            return _creates.Reason is not null ? "No game server is free, and Kubernetes refuses to create another pod."
                : _catalog.All.Any(pod => pod.IsUnschedulable) ? "No game server is free, and no node has room for another pod."
                : null;
        }
    }

    /// <summary>Returns a pod that is labelled with the match and whose program has started.</summary>
    /// <exception cref="OperationCanceledException">No pod was available in time.</exception>
    public async Task<Result<GameServerPod>> TakeAsync(Guid matchId, CancellationToken cancellationToken)
    {
        await _catalog.Listed.WaitAsync(cancellationToken);
        while (true)
        {
            if (_catalog.Find(matchId) is { } known)
            {
                return await StartedAsync(known.Name, cancellationToken); // Another backend, or an earlier try, already got this far.
            }

            if (_hasStandby && await _standby.ClaimAnyAsync(matchId, cancellationToken) is { } claimed)
            {
                return Result<GameServerPod>.Of(claimed);
            }

            using var turn = await NextCreateAsync(cancellationToken);
            if (turn is null || _catalog.Find(matchId) is not null)
            {
                continue;
            }

            var created = await _new.CreateAsync(matchId, cancellationToken);
            if (created.IsSuccess)
            {
                turn.Succeeded();
                return await StartedAsync(created.Value.Name, cancellationToken);
            }

            turn.Refused(created.Failure);
        }
    }

    /// <summary>
    /// It is not an error when the pod is already gone. While the API server is unavailable, the pod is left to the reconciler.
    /// </summary>
    /// <returns>Whether this call has deleted it.</returns>
    public async Task<bool> DeleteAsync(GameServerPod pod, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pod);
        if (pod.IsSetAside || _catalog.Get(pod.Name) is { IsSetAside: true })
        {
            return false;
        }

        var answer = await _calls.DeletePodAsync(pod.Name, pod.Uid, atOnce: false, cancellationToken);
        if (answer.Value is null && answer.Refused is not (HttpStatusCode.NotFound or HttpStatusCode.Conflict))
        {
            Log.NotDeleted(_logger, pod.Name, answer.Reason);
        }

        return answer.Value is not null;
    }

    /// <summary>Waits until a pod may be created; null when there is one on standby before that.</summary>
    private async Task<RetryGate.Turn?> NextCreateAsync(CancellationToken cancellationToken)
    {
        // A new pod would have the same key as those that refuse this backend, so it would refuse it, too. Those that are being asked
        // answer in milliseconds.
        await _catalog.WaitUntilAsync(() => CanClaim() || (!_standby.IsDenied && _catalog.AskedCount == 0), cancellationToken);
        using var first = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var turn = _creates.EnterAsync(isFirst: false, first.Token);
        var standby = _catalog.WaitUntilAsync(() => CanClaim() || _standby.IsDenied, first.Token);
        await Task.WhenAny(turn, standby);
        await first.CancelAsync();
        await standby.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            return await turn;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }

        bool CanClaim() => _hasStandby && _catalog.StandbyCount > 0;
    }

    private async Task<Result<GameServerPod>> StartedAsync(string name, CancellationToken cancellationToken)
    {
        var askedAt = _time.GetTimestamp();
        Result<GameServerPod>? outcome = null;
        await _catalog.WaitUntilAsync(() => (outcome = Start(_catalog.Get(name))) is not null, cancellationToken);
        if (outcome!.Value.IsSuccess)
        {
            _instruments.Started(_time.GetElapsedTime(askedAt));
        }

        return outcome.Value;

        Result<GameServerPod>? Start(GameServerPod? pod) => pod switch
        {
            null => Result<GameServerPod>.Failed($"Pod {name} was deleted."),
            { Gone: { } gone } => Result<GameServerPod>.Failed($"Pod {name} no longer serves players: {gone}"),
            { Stuck: { } stuck } => Result<GameServerPod>.Failed($"Pod {name} does not start: {stuck}"),
            { IsStarted: true, Ip.Length: > 0 } => Result<GameServerPod>.Of(pod),
            _ => null,
        };
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.NotDeleted, LogLevel.Warning, "Cannot delete pod {Pod}: {Reason}")]
        public static partial void NotDeleted(ILogger logger, string pod, string reason);
    }
}
