namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>
/// Makes a match's pod reachable for players, assigns the match, and reaches the server as players will. While pods get no address, or
/// none of them accepts its match or answers its players, all matches wait, and one at a time tries again with the pod that it has.
/// </summary>
internal sealed class PodAssigner(
    PodCatalog catalog, PodAddress addresses, ControlSigner signer, GameServerHandshake handshake, FleetObstacles obstacles,
    TimeProvider time)
{
    /// <summary>The obstacle that servers which have their match do not answer where their players are to connect.</summary>
    private const string ReachServers = "reach game servers at the address of players";

    /// <summary>The obstacle that servers which deny nothing do not accept their matches.</summary>
    private const string AssignMatches = "assign matches to game servers";

    /// <summary>
    /// How many pods may be tried at a time while none is reached. With one alone, a pod that is cut off would hold up all matches until
    /// its match gives up.
    /// </summary>
    private const int MostTried = 3;

    /// <summary>
    /// How long an address that was silent for the whole <see cref="KubernetesFleetOptions.RouteTimeout"/> may take at each later try, so
    /// that other matches soon have their turn.
    /// </summary>
    private static readonly TimeSpan RetryTimeout = TimeSpan.FromSeconds(2);

    private readonly RetryGate _opens = new(time);
    private readonly RetryGate _routes = new(time);

    /// <summary>How many servers have answered at the address of their players.</summary>
    private int _reached;

    /// <summary>How many servers have not accepted their matches since the last one that did.</summary>
    private int _useless;

    /// <summary>Why no match gets a server that players can reach; null while matches do.</summary>
    public string? Obstacle => _opens.Reason ?? _routes.Reason;

    /// <summary>Waits until it is worth taking a pod: none is of use while it gets no address, or players reach none.</summary>
    public async Task PassAsync(CancellationToken cancellationToken)
    {
        await _routes.PassAsync(MostTried, cancellationToken);
        await _opens.PassAsync(mostHeld: 1, cancellationToken);
    }

    /// <summary>Assigns the match to its pod.</summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public async Task<PodAssignment> AssignAsync(
        GameServerPod pod, Guid matchId, IReadOnlyList<string> players, CancellationToken cancellationToken)
    {
        var opened = await OpenAsync(pod, cancellationToken);
        if (opened.Value is not { } server)
        {
            return new(opened);
        }

        var (reached, behind) = (Volatile.Read(ref _reached), addresses.BehindGateway(pod, server));
        HandshakeOutcome? last = null;
        var isLastTry = false;
        while (true)
        {
            using var turn = last is null ? _routes.Enter() : await _routes.EnterAsync(isFirst: true, cancellationToken);
            if (last is not { } outcome || await MayAcceptAsync(pod, behind, outcome, cancellationToken))
            {
                outcome = await handshake.RunAsync(signer.ClientFor(pod), behind, players, cancellationToken);
            }

            if (outcome.Server.Value is { } assigned)
            {
                Interlocked.Increment(ref _reached);
                Interlocked.Exchange(ref _useless, 0);
                turn.Succeeded();
                obstacles.Pass(ReachServers);
                obstacles.Pass(AssignMatches);
                return new(Result<RunningGameServer>.Of(assigned with { Host = server.Host, Port = server.Port }));
            }

            // If players reach other servers meanwhile, this is one pod's own trouble, and its match needs another one. A pod that was kept
            // has one more try, since what was in the way of all may be gone.
            var session = await signer.AskAsync(pod, time, cancellationToken);
            var isKept = outcome.IsUnreachable ? session.MatchId == matchId : IsKept(pod, session, isFirst: last is null);
            var othersAreReached = Volatile.Read(ref _reached) != reached;
            if (!isKept || (othersAreReached && (last is null || isLastTry)))
            {
                return new(outcome.Server, session);
            }

            isLastTry = othersAreReached;
            turn.Refused(outcome.Server.Failure!); // The pod is as good as any other, so the match keeps it and tries again.
            last = outcome;
            if (outcome.IsUnreachable)
            {
                obstacles.Meet(
                    ReachServers, $"Pod {pod.Name} has its match, but does not answer there: {outcome.Server.Failure}", "silent");
            }
            else
            {
                obstacles.Meet(AssignMatches, $"Pod {pod.Name}: {outcome.Server.Failure}", outcome.Server.Failure);
            }
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

    /// <summary>
    /// Whether a pod that has not accepted its match is kept for it: the second one in a row, since the next one would not accept it,
    /// either. Not one that has ended or is still starting.
    /// </summary>
    private bool IsKept(GameServerPod pod, ControlSession session, bool isFirst) =>
        session.Kind is ControlSessionKind.Silent or ControlSessionKind.Standby
        && catalog.Get(pod.Name) is { Gone: null, IsStarting: false }
        && (!isFirst || Interlocked.Increment(ref _useless) > 1);

    /// <summary>Whether it is worth trying a pod again: a whole try takes long if it does not answer.</summary>
    private async Task<bool> MayAcceptAsync(
        GameServerPod pod, RunningGameServer server, HandshakeOutcome last, CancellationToken cancellationToken) => last.IsUnreachable
        ? await new GamePortClient(server.Host, server.Port).AnswersAsync(RetryTimeout, time, cancellationToken)
        : (await signer.AskAsync(pod, time, cancellationToken)).Kind != ControlSessionKind.Silent;
}
