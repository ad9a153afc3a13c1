using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using GameStack.Contracts.Lines;
using GameStack.ServiceDefaults.Timing;
using k8s.Models;
using Microsoft.Extensions.Options;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>
/// Watches the addresses that players were given. A pod that answers inside the cluster is of no use to players when its Service, or
/// whatever else leads to it, is gone.
/// </summary>
internal sealed partial class PlayerRoutes(
    KubernetesCalls calls, PodCatalog catalog, PodAddress addresses, IOptions<GameServersOptions> options, TimeProvider time,
    ILogger<PlayerRoutes> logger)
{
    private const string Labels = $"{PodNames.App}={PodNames.GameServer}";
    private const string OtherLabels = $"{PodNames.App}!={PodNames.GameServer}";

    /// <summary>How the API server names the part of a Service that it refuses: <c>spec.ports[0].nodePort: Invalid value: …</c></summary>
    private const string PortField = "nodePort:";

    /// <summary>How many rounds in a row a route may be broken before its match ends.</summary>
    private const int MostFailures = 3;

    /// <summary>How many other matches are tried to find out whether this backend reaches any.</summary>
    private const int MostWitnesses = 3;

    /// <summary>
    /// How often the address of an open match is tried. Each try counts as a client for a moment, and an open match without a client ends
    /// after 60 s.
    /// </summary>
    private static readonly TimeSpan OpenPeriod = TimeSpan.FromSeconds(90);

    /// <summary>Longer than reconcilers need to restore an address on a pod.</summary>
    private static readonly TimeSpan LongestEdited = TimeSpan.FromSeconds(60);

    private readonly ConcurrentDictionary<string, PlayerRoute> _routes = new(StringComparer.Ordinal);
    private bool _isCutOff;

    /// <summary>Creates the Services again that somebody has deleted, with the ports that players know, and corrects edited ones.</summary>
    public async Task RepairAsync(IReadOnlyCollection<GameServerPod> pods, CancellationToken cancellationToken)
    {
        foreach (var pod in pods.Where(pod => pod is { Gone: null, IsBehindGateway: false } && addresses.IsBehindGateway(pod)))
        {
            await calls.PatchPodAsync(pod.Name, addresses.Record(addresses.Known(pod)), cancellationToken);
        }

        var served = pods.Where(pod => pod.Gone is null && addresses.HasService(pod) && !IsEdited(pod)).ToArray();
        if (served.Length == 0 || (await calls.ListServicesAsync(Labels, cancellationToken)).Value is not { } services)
        {
            return;
        }

        V1ServiceList? others = null;
        foreach (var pod in served)
        {
            var route = RouteOf(pod);
            var service = FindService(services, pod);
            if (service is null)
            {
                // Somebody may have removed its label. With its port, the API server would create no second one.
                others ??= (await calls.ListServicesAsync(OtherLabels, cancellationToken)).Value;
                service = others is null ? null : FindService(others, pod);
            }

            string? obstacle = null;
            if (service is null)
            {
                obstacle = await CreateAsync(pod, route, cancellationToken);
            }
            else
            {
                await CorrectAsync(pod, service, cancellationToken);
            }

            if (obstacle is not null || route.Obstacle is not null)
            {
                route.Failures = obstacle is null ? 0 : route.Failures + 1;
            }

            route.Obstacle = obstacle;
        }
    }

    /// <summary>Tries the address of a pod whose server has just answered inside the cluster.</summary>
    public async Task TryAsync(GameServerPod pod, GameServerHealth health, CancellationToken cancellationToken)
    {
        if (addresses.IsBehindGateway(pod))
        {
            return; // The gateway connects to the address that has just answered.
        }

        var (server, route) = (addresses.Known(pod), RouteOf(pod));
        if (route.Obstacle is not null || (health.State != GameProtocol.StateRunning && time.GetElapsedTime(route.TriedAt) < OpenPeriod))
        {
            return;
        }

        route.TriedAt = time.GetTimestamp();
        if (!await CanResolveAsync(server.Host, cancellationToken))
        {
            return; // This backend's own trouble, which says nothing about the players.
        }

        route.Answers = await AnswersAsync(server, cancellationToken);
        route.Failures = route.Answers.Value ? 0 : route.Failures + 1;
    }

    /// <summary>
    /// The pods that players cannot reach, with the reason. An address that does not answer counts only if another match's does: otherwise
    /// it is probably this backend that is cut off.
    /// </summary>
    public async Task<IReadOnlyList<(GameServerPod Pod, string Why)>> FindBrokenAsync(
        IReadOnlyCollection<GameServerPod> pods, CancellationToken cancellationToken)
    {
        ForgetAllBut(pods);
        var routes = pods.Where(pod => pod.Gone is null).Select(pod => (Pod: pod, Route: RouteOf(pod))).ToArray();
        var broken = routes.Where(pair => pair.Route.Failures >= MostFailures).ToLookup(pair => pair.Route.Obstacle is not null);
        var silent = routes.Where(pair => pair.Route.Answers == false).ToArray();
        var unreachable = silent.Intersect(broken[false]).ToArray();
        var isCutOff = unreachable.Length > 0 && routes.All(pair => pair.Route.Answers != true)
            && !await ReachesAnotherAsync(silent.Select(pair => pair.Pod.Uid), cancellationToken);
        if (isCutOff && !_isCutOff)
        {
            Log.NoRoutes(logger, silent.Length);
        }

        _isCutOff = isCutOff;
        foreach (var (_, route) in routes)
        {
            route.Answers = null; // The next round judges by what it has tried itself.
        }

        return [.. broken[true].Concat(isCutOff ? [] : unreachable).Select(pair => (pair.Pod, Why(pair.Pod, pair.Route)))];
    }

    /// <summary>
    /// Whether this backend reaches any of a few other matches of its queue at the addresses of their players. On an open match, this
    /// counts as a client, so it is done only where the life of a match depends on it.
    /// </summary>
    private async Task<bool> ReachesAnotherAsync(IEnumerable<string> silent, CancellationToken cancellationToken)
    {
        var others = catalog.All.Where(pod => pod is { MatchId: not null, Gone: null, IsStarted: true }
            && !addresses.IsBehindGateway(pod) && addresses.IsOpen(pod)).ExceptBy(silent, pod => pod.Uid).ToArray();
        Random.Shared.Shuffle(others);
        var tries = others.Take(MostWitnesses).Select(pod => AnswersAsync(addresses.Known(pod), cancellationToken));
        return (await Task.WhenAll(tries)).Contains(true);
    }

    private Task<bool> AnswersAsync(RunningGameServer server, CancellationToken cancellationToken) =>
        new GamePortClient(server.Host, server.Port).AnswersAsync(options.Value.WatchTimeout, time, cancellationToken);

    private async Task<bool> CanResolveAsync(string host, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(host, out _))
        {
            return true;
        }

        using var limit = new TimeLimit(options.Value.WatchTimeout, time, cancellationToken);
        try
        {
            return (await Dns.GetHostAddressesAsync(host, limit.Token)).Length > 0;
        }
        catch (Exception e) when (e is SocketException || (e is OperationCanceledException && limit.HasExpired))
        {
            return false;
        }
    }

    private string Why(GameServerPod pod, PlayerRoute route)
    {
        var server = addresses.Known(pod);
        return route.Obstacle is null
            ? $"Players cannot reach it at {server.Host}:{server.Port}, although it answers inside the cluster."
            : $"Its Service is gone, and players cannot reach it without: {route.Obstacle}";
    }

    /// <summary>Null when the pod has a Service with its port again.</summary>
    private async Task<string?> CreateAsync(GameServerPod pod, PlayerRoute route, CancellationToken cancellationToken)
    {
        if (catalog.Get(pod.Name) is not { Gone: null } now || now.Uid != pod.Uid)
        {
            return null; // The Service has ended with its pod.
        }

        var port = addresses.Known(pod).Port;
        var answer = await addresses.CreateServiceAsync(pod, port, cancellationToken);
        if (answer.Value is not null)
        {
            Log.Repaired(logger, pod.Name, pod.MatchId!.Value, port);
            return null;
        }

        if (answer.Refused == HttpStatusCode.UnprocessableEntity && answer.Reason.Contains(PortField, StringComparison.Ordinal))
        {
            route.Failures = MostFailures; // Somebody else has the port.
        }

        return answer.Reason;
    }

    /// <summary>That a Service cannot be corrected, or the cluster changes it back, matters only if the address does not answer.</summary>
    private async Task CorrectAsync(GameServerPod pod, V1Service service, CancellationToken cancellationToken)
    {
        var port = addresses.Known(pod).Port;
        var right = addresses.ServiceFor(pod, port);
        if (IsRight(service, right))
        {
            return;
        }

        var answer = await calls.PatchServiceAsync(service.Metadata.Name, PodPatch.Correct(service, right), cancellationToken);
        if (answer.Value is { } corrected && IsRight(corrected, right))
        {
            Log.Repaired(logger, pod.Name, pod.MatchId!.Value, port);
        }
    }

    /// <summary>A Service with the pod's name and node port is the pod's, even if its owner and selector were changed.</summary>
    private V1Service? FindService(V1ServiceList services, GameServerPod pod)
    {
        var port = addresses.Known(pod).Port;
        return services.Items.FirstOrDefault(service => PodAddress.IsServiceOf(service, pod))
            ?? services.Items.FirstOrDefault(service => service.Metadata.Name.StartsWith(pod.Name, StringComparison.Ordinal)
                && service.Spec?.Ports?.Any(there => there.NodePort == port) == true);
    }

    private static bool IsRight(V1Service service, V1Service right) => service.Spec.Type == right.Spec.Type
        && service.Spec.ExternalTrafficPolicy == right.Spec.ExternalTrafficPolicy
        && service.Spec.PublishNotReadyAddresses == right.Spec.PublishNotReadyAddresses
        && service.Spec.Selector is { } selector
        && selector.Count == right.Spec.Selector.Count && !selector.Except(right.Spec.Selector).Any()
        && service.Spec.Ports is [var there] && right.Spec.Ports is [var port]
        && (there.NodePort, there.Protocol, there.TargetPort?.Value) == (port.NodePort, port.Protocol, port.TargetPort.Value)
        && service.Metadata.Labels is { } labels && !right.Metadata.Labels.Except(labels).Any()
        && service.Metadata.OwnerReferences?.Any(owner => owner.Uid == right.Metadata.OwnerReferences[0].Uid) == true;

    /// <summary>
    /// Whether somebody has edited the address that the pod records: its Service stays as it is until the queue's backends have restored
    /// the address, or have not done so for long.
    /// </summary>
    private bool IsEdited(GameServerPod pod)
    {
        var (route, port) = (RouteOf(pod), addresses.Known(pod).Port);
        if (route.Port is { } known && known != port && time.GetElapsedTime(route.PortSeenAt) < LongestEdited)
        {
            return true;
        }

        (route.Port, route.PortSeenAt) = (port, time.GetTimestamp());
        return false;
    }

    private PlayerRoute RouteOf(GameServerPod pod) => _routes.GetOrAdd(pod.Uid, _ => new PlayerRoute { TriedAt = time.GetTimestamp() });

    private void ForgetAllBut(IReadOnlyCollection<GameServerPod> pods)
    {
        var uids = pods.Select(pod => pod.Uid).ToHashSet(StringComparer.Ordinal);
        foreach (var uid in _routes.Keys.Where(uid => !uids.Contains(uid)))
        {
            _routes.TryRemove(uid, out _);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.RouteRepaired, LogLevel.Warning,
            "The Service of pod {Pod}, match {MatchId}, was deleted or changed; it leads players to the pod on port {Port} again")]
        public static partial void Repaired(ILogger logger, string pod, Guid matchId, int port);

        [LoggerMessage(EventIds.NoRoutes, LogLevel.Warning,
            "This backend reaches no match at the address of its players ({Count} tried); the matches go on")]
        public static partial void NoRoutes(ILogger logger, int count);
    }
}
