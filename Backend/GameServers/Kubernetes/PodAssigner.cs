namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>
/// Makes a match's pod reachable for players, assigns the match, and reaches the server as players will. While pods get no address, or none
/// of them answers there, all matches wait, and one at a time tries again with the pod that it has.
/// </summary>
internal sealed class PodAssigner(
    PodCatalog catalog, PodAddress addresses, ControlSigner signer, GameServerHandshake handshake, FleetObstacles obstacles,
    TimeProvider time)
{
    /// <summary>The obstacle that servers which have their match do not answer where their players are to connect.</summary>
    private const string ReachServers = "reach game servers at the address of players";

    /// <summary>
    /// How long an address that was silent for the whole <see cref="KubernetesFleetOptions.RouteTimeout"/> may take at each later try, so
    /// that other matches soon have their turn.
    /// </summary>
    private static readonly TimeSpan RetryTimeout = TimeSpan.FromSeconds(2);

    private readonly RetryGate _opens = new(time);
    private readonly RetryGate _routes = new(time);

    /// <summary>How many servers have answered at the address of their players.</summary>
    private int _reached;

    /// <summary>Why no match gets a server that players can reach; null while matches do.</summary>
    public string? Obstacle => _opens.Reason ?? _routes.Reason;

    /// <summary>Waits until it is worth taking a pod: none is of use while it gets no address, or players reach none.</summary>
    public async Task PassAsync(CancellationToken cancellationToken)
    {
        await _routes.PassAsync(cancellationToken);
        await _opens.PassAsync(cancellationToken);
    }

    /// <summary>Assigns the match to its pod.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<PodAssignment> AssignAsync(
        GameServerPod pod, Guid matchId, IReadOnlyList<string> players, CancellationToken cancellationToken)
    {
        RunningGameServer? server = null;
        HandshakeOutcome? last = null;
        var reached = 0;
        while (true)
        {
            using var turn = await _routes.EnterAsync(isFirst: true, cancellationToken);
            if (server is null)
            {
                var opened = await OpenAsync(pod, cancellationToken);
                if (opened.Value is null)
                {
                    return new(opened);
                }

                (server, reached) = (opened.Value, Volatile.Read(ref _reached));
            }

            var behind = addresses.BehindGateway(pod, server);
            if (last is not { } outcome || await AnswersAsync(behind, cancellationToken))
            {
                last = outcome = await handshake.RunAsync(signer.ClientFor(pod), behind, players, cancellationToken);
            }

            if (outcome.Server.Value is { } assigned)
            {
                Interlocked.Increment(ref _reached);
                turn.Succeeded();
                obstacles.Pass(ReachServers);
                return new(Result<RunningGameServer>.Of(assigned with { Host = server.Host, Port = server.Port }));
            }

            var session = await signer.AskAsync(pod, time, cancellationToken);

            // If players reach other servers meanwhile, this is one pod's own trouble, and its match needs another one.
            if (!outcome.IsUnreachable || session.MatchId != matchId || Volatile.Read(ref _reached) != reached)
            {
                return new(outcome.Server, session);
            }

            turn.Refused(outcome.Server.Failure!); // The pod is as good as any other, so the match keeps it and tries again.
            obstacles.Meet(ReachServers, $"Pod {pod.Name} has its match, but does not answer there.", "silent");
        }
    }

    /// <summary>Makes the pod reachable for players.</summary>
    private async Task<Result<RunningGameServer>> OpenAsync(GameServerPod pod, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var turn = await _opens.EnterAsync(isFirst: true, cancellationToken);
            var opened = await addresses.OpenAsync(pod, cancellationToken);
            if (opened.IsSuccess)
            {
                turn.Succeeded();
                return opened;
            }

            if (catalog.Get(pod.Name) is not { Gone: null } || !addresses.CanOpen(pod))
            {
                return opened;
            }

            turn.Refused(opened.Failure);
        }
    }

    private Task<bool> AnswersAsync(RunningGameServer server, CancellationToken cancellationToken) =>
        new GamePortClient(server.Host, server.Port).AnswersAsync(RetryTimeout, time, cancellationToken);
}
