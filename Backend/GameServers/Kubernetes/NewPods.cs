using System.Net;
using GameStack.Backend.Tickets;
using k8s.Models;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>Creates a pod for one match from the template of the standby pool.</summary>
internal sealed partial class NewPods(
    KubernetesCalls calls, PodCatalog catalog, BackendIdentity identity, TicketSigner tickets, IOptions<KubernetesFleetOptions> options,
    ILogger<NewPods> logger)
{
    private readonly KubernetesFleetOptions _options = options.Value;
    private readonly Lock _lock = new();
    private readonly HashSet<int> _chosenHostPorts = [];
    private Task<ApiAnswer<V1Deployment>>? _reading;

    public async Task<Result<GameServerPod>> CreateAsync(Guid matchId, CancellationToken cancellationToken)
    {
        var deployment = await ReadPoolAsync().WaitAsync(cancellationToken);
        if (deployment.Value?.Spec.Template is not { } template)
        {
            return Result<GameServerPod>.Failed($"There is no pod on standby, and no template to make one from: {deployment.Reason}");
        }

        var port = _options.Exposure == GameServerExposure.HostPort ? ChooseHostPort() : (int?)null;
        try
        {
            var pod = PodForMatch.Make(template, matchId, calls.Namespace, identity, tickets.KeyIds, port);
            return await CreateAsync(pod, matchId, cancellationToken);
        }
        finally
        {
            if (port is not null)
            {
                lock (_lock)
                {
                    _chosenHostPorts.Remove(port.Value);
                }
            }
        }
    }

    /// <summary>The pool's Deployment. Matches that ask at the same time share one call: at a burst, each would take a second.</summary>
    private Task<ApiAnswer<V1Deployment>> ReadPoolAsync()
    {
        lock (_lock)
        {
            return _reading is { IsCompleted: false } reading
                ? reading
                : _reading = calls.ReadDeploymentAsync(PodNames.GameServer, CancellationToken.None);
        }
    }

    private async Task<Result<GameServerPod>> CreateAsync(V1Pod pod, Guid matchId, CancellationToken cancellationToken)
    {
        var answer = await calls.CreatePodAsync(pod, cancellationToken);
        if (answer.Refused == HttpStatusCode.Conflict)
        {
            answer = await TakeOverAsync(matchId, cancellationToken) ?? await calls.CreatePodAsync(pod, cancellationToken);
        }

        if (answer.Refused == HttpStatusCode.Conflict)
        {
            // Another pod keeps the name.
            pod.Metadata.Name = pod.Metadata.Labels[PodNames.Pod] = PodNames.Another(pod.Metadata.Name);
            answer = await calls.CreatePodAsync(pod, cancellationToken);
        }

        if (answer.Value is not { } created)
        {
            return Result<GameServerPod>.Failed($"There is no pod on standby, and one could not be created: {answer.Reason}");
        }

        var known = GameServerPod.Of(created);
        catalog.Set(known);
        Log.Created(logger, known.Name, matchId);
        return Result<GameServerPod>.Of(known);
    }

    /// <summary>
    /// The match's pod that an earlier try, or a call whose answer was lost, has created. Null when that pod is of
    /// no use; its name is then free, unless it is somebody else's or an operator has set the pod aside.
    /// </summary>
    private async Task<ApiAnswer<V1Pod>?> TakeOverAsync(Guid matchId, CancellationToken cancellationToken)
    {
        var there = await calls.ReadPodAsync(PodNames.Of(matchId), cancellationToken);
        if (there.Value is null)
        {
            return there.Refused == HttpStatusCode.NotFound ? null : there;
        }

        var pod = GameServerPod.Of(there.Value);
        if (pod.MatchId == matchId && pod.Gone is null && !catalog.IsAbandoned(pod))
        {
            return there;
        }

        if (pod.MatchId == matchId && !pod.IsSetAside)
        {
            await calls.DeletePodAsync(pod.Name, new V1Preconditions { Uid = pod.Uid }, atOnce: true, cancellationToken);
        }

        return null;
    }

    /// <summary>
    /// Any port that no known pod has. When two backends choose the same port at the same moment, the scheduler finds
    /// another node or the try fails.
    /// </summary>
    private int ChooseHostPort()
    {
        lock (_lock)
        {
            var taken = catalog.HostPorts.Concat(_chosenHostPorts).ToHashSet();
            var all = Enumerable.Range(_options.FirstHostPort, _options.LastHostPort - _options.FirstHostPort + 1);
            var free = all.Where(port => !taken.Contains(port)).ToArray();
            var chosen = free.Length == 0 ? _options.FirstHostPort : free[Random.Shared.Next(free.Length)];
            _chosenHostPorts.Add(chosen);
            return chosen;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.Created, LogLevel.Information, "Created pod {Pod} for match {MatchId}: none was on standby")]
        public static partial void Created(ILogger logger, string pod, Guid matchId);
    }
}
