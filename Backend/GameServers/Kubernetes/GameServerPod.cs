using System.Globalization;
using k8s.Models;

namespace GameStack.Backend.GameServers.Kubernetes;

/// <summary>The parts of a game server's pod that matter to the fleet.</summary>
internal sealed record GameServerPod
{
    private const int DefaultGamePort = 8080;
    private const int DefaultControlPort = 8081;
    private const int LongestMessage = 300;

    public required string Name { get; init; }

    public required string Uid { get; init; }

    /// <summary>Which state of the pod this is. A change that names it succeeds only while the pod has not changed since.</summary>
    public string ResourceVersion { get; private init; } = "";

    /// <summary>
    /// The match that the pod was claimed or created for. Its annotation decides; the label alone counts only on a pod that a backend has
    /// claimed.
    /// </summary>
    public Guid? MatchId { get; private init; }

    /// <summary>Whether the pod is in the pool, and nothing on it speaks of a match.</summary>
    public bool IsStandby { get; private init; }

    /// <summary>Whether an operator keeps the pod to look at it. No backend claims or deletes it.</summary>
    public bool IsSetAside { get; private init; }

    /// <summary>Whether the pod has a match, but its labels and annotations do not all say so: somebody has edited them.</summary>
    public bool IsMislabelled { get; private init; }

    /// <summary>Whether the pod is neither on standby, nor set aside, nor a match's of a known queue.</summary>
    public bool IsUnclear { get; private init; }

    /// <summary>Whether the kubelet has seen the pod answer.</summary>
    public bool IsReady { get; private init; }

    /// <summary>Whether a pod that was created for its match may still become ready.</summary>
    public bool IsStarting => this is { IsFromPool: false, IsReady: false, Gone: null, Stuck: null };

    /// <summary>Whether the pod's program has started; it may not answer yet.</summary>
    public bool IsStarted { get; private init; }

    /// <summary>Whether somebody has deleted the pod, which ends its program within its grace period.</summary>
    public bool IsBeingDeleted { get; private init; }

    /// <summary>One sentence about why the pod no longer serves any players; null while it does or may.</summary>
    public string? Gone { get; init; }

    /// <summary>
    /// Whether the pod has ended in a way that the next one might, too: its program has exited by itself, or its node has not let it start.
    /// Not if it was deleted, or its node has ended it after its start.
    /// </summary>
    public bool HasEnded { get; private init; }

    /// <summary>One sentence about why the pod does not start; null while no obstacle is known.</summary>
    public string? Stuck { get; private init; }

    /// <summary>
    /// Whether the kubelet cannot create the container, for example because a Secret that its settings name is missing. A busy node also
    /// says so for a moment, when it is late with something.
    /// </summary>
    public bool CannotBeCreated { get; private init; }

    /// <summary>What the pod waits for before it starts, in the scheduler's or the kubelet's own words; null if they say nothing.</summary>
    public string? WaitsFor { get; private init; }

    /// <summary>Whether no node has room for the pod.</summary>
    public bool IsUnschedulable { get; private init; }

    /// <summary>The pod's own address; empty until it has one.</summary>
    public string Ip { get; init; } = "";

    /// <summary>The address of the pod's node.</summary>
    public string HostIp { get; init; } = "";

    public int GamePort { get; private init; }

    public int ControlPort { get; private init; }

    /// <summary>The node's port that leads to <see cref="GamePort"/>; null when there is none.</summary>
    public int? HostPort { get; private init; }

    /// <summary>The backend that claimed the pod.</summary>
    public string? Backend { get; private init; }

    /// <summary>The queue of the pod's match; null on standby.</summary>
    public string? Queue { get; private init; }

    /// <summary>The ids of the keys that the server was told for tickets; null where an older backend claimed the pod.</summary>
    public string? TicketKeys { get; private init; }

    /// <summary>The address that players were given, when it does not follow from the other properties.</summary>
    public PlayerAddress? Address { get; private init; }

    /// <summary>Whether <see cref="Address"/> is the gateway's.</summary>
    public bool IsBehindGateway { get; private init; }

    /// <summary>Whether the pod has an annotation with an address, also one that nobody could connect to.</summary>
    public bool HasAddress { get; private init; }

    /// <summary>Whether the pod has an annotation that says whether its address is the gateway's.</summary>
    public bool SaysGateway { get; private init; }

    /// <summary>Whether the pod comes from the pool, where it can go back; not if it was created for its match.</summary>
    public bool IsFromPool { get; private init; }

    public int Restarts { get; private init; }

    /// <summary>How often the program had restarted when the pod was claimed; null on standby.</summary>
    public int? ClaimedAfter { get; private init; }

    public bool HasAnnotations { get; private init; }

    /// <summary>
    /// Whether somebody has removed annotations of the pod's claim. What nobody remembers is replaced, except for the keys, which older
    /// backends did not write.
    /// </summary>
    public bool Lacks(PodClaim? claim) =>
        Backend is null || ClaimedAfter is null || (TicketKeys is null && claim?.MatchId == MatchId && claim?.TicketKeys is not null);

    /// <summary>Whether the pod has a match of another queue, which only that queue's backends look after.</summary>
    public bool IsForeignTo(string queue) => MatchId is not null && Queue is not null && Queue != queue;

    /// <summary>
    /// Whether this is an older state of the same pod, such as a watch still brings after the answer to a claim. Compares the versions as
    /// numbers: they are those of etcd, and the API guarantees their order since Kubernetes 1.35. False if one of them is no number.
    /// </summary>
    public bool IsOlderThan(GameServerPod other) => Uid == other.Uid
        && ulong.TryParse(ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
        && ulong.TryParse(other.ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var otherVersion)
        && version < otherVersion;

    public static GameServerPod Of(V1Pod pod)
    {
        ArgumentNullException.ThrowIfNull(pod);
        var containers = pod.Spec?.Containers;
        var container = containers?.FirstOrDefault(container => container.Name == PodNames.GameServer) ?? containers?.FirstOrDefault();
        var game = container?.Ports?.FirstOrDefault(port => port.Name == PodNames.GamePort);
        var control = container?.Ports?.FirstOrDefault(port => port.Name == PodNames.ControlPort);
        var status = pod.Status?.ContainerStatuses?.FirstOrDefault(status => status.Name == container?.Name);
        var blocking = FindBlocking(pod, status);
        var restarts = status?.RestartCount ?? 0;
        var claimedAfter = int.TryParse(Annotation(pod, PodNames.Restarts), NumberStyles.None, CultureInfo.InvariantCulture, out var before)
            ? before
            : (int?)null;
        var (pool, backend, queue) = (Label(pod, PodNames.Pool), Annotation(pod, PodNames.Backend), Annotation(pod, PodNames.Queue));
        var label = ToMatch(Label(pod, PodNames.SessionId));
        var session = ToMatch(Annotation(pod, PodNames.Session));
        var matchId = session ?? (backend is null ? null : label);

        // The label gamestack/pod would bring it the players of a claimed pod's Service. A queue or a backend alone names no match: the
        // template of the pool may have them, and a claim overwrites them.
        var isStandby = pool == PodNames.Standby && Label(pod, PodNames.SessionId) is null && Label(pod, PodNames.Pod) is null
            && matchId is null;
        var isClaimed = pool == PodNames.Claimed && session == matchId && label == matchId && Label(pod, PodNames.Pod) == pod.Metadata.Name;

        // A ReplicaSet lets go of a pod whose labels it does not select. One with another controller would be made again and again.
        var isOurs = pool is PodNames.Claimed or PodNames.Standby
            || pod.Metadata.OwnerReferences?.Any(owner => owner.Controller == true) != true;
        return new GameServerPod
        {
            Name = pod.Metadata.Name,
            Uid = pod.Metadata.Uid,
            ResourceVersion = pod.Metadata.ResourceVersion ?? "",
            MatchId = matchId,
            IsStandby = isStandby,
            IsSetAside = pool == PodNames.Debug,
            IsMislabelled = matchId is not null && !isClaimed && pool != PodNames.Debug,
            IsUnclear = isOurs && pool != PodNames.Debug && !isStandby && (matchId is null || queue is null)
                && pod.Metadata.DeletionTimestamp is null,
            IsReady = pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) ?? false,
            IsStarted = status?.State?.Running is not null,
            IsBeingDeleted = pod.Metadata.DeletionTimestamp is not null,
            Gone = WhyGone(pod, status, restarts, claimedAfter, hasMatch: matchId is not null),
            HasEnded = pod.Metadata.DeletionTimestamp is null && (pod.Status?.Reason is null or ""
                ? pod.Status?.Phase is "Succeeded" or "Failed" || status?.State?.Terminated is not null
                : pod.Status.Phase == "Failed" && !HasRun(status)),
            Stuck = IsStuck(blocking) ? WhatFor(blocking, status) : null,
            CannotBeCreated = CannotCreate(blocking),
            WaitsFor = WhatFor(blocking, status) ?? pod.Status?.Conditions?.FirstOrDefault(
                condition => condition is { Type: "PodScheduled", Status: "False" })?.Message,
            IsUnschedulable = pod.Metadata.DeletionTimestamp is null && (pod.Status?.Conditions?.Any(
                condition => condition is { Type: "PodScheduled", Status: "False", Reason: "Unschedulable" }) ?? false),
            Ip = pod.Status?.PodIP ?? "",
            HostIp = pod.Status?.HostIP ?? "",
            GamePort = game?.ContainerPort ?? DefaultGamePort,
            ControlPort = control?.ContainerPort ?? DefaultControlPort,
            HostPort = game?.HostPort,
            Backend = backend,
            Queue = queue,
            TicketKeys = Annotation(pod, PodNames.TicketKeys),
            Address = PlayerAddress.TryParse(Annotation(pod, PodNames.Address)),
            IsBehindGateway = Annotation(pod, PodNames.Gateway) == "true",
            HasAddress = Annotation(pod, PodNames.Address) is not null,
            SaysGateway = Annotation(pod, PodNames.Gateway) is not null,
            IsFromPool = pod.Spec?.RestartPolicy != PodForMatch.NoRestart,
            Restarts = restarts,
            ClaimedAfter = claimedAfter,
            HasAnnotations = pod.Metadata.Annotations is not null,
        };
    }

    private static Guid? ToMatch(string? text) => Guid.TryParse(text, out var matchId) ? matchId : null;

    private static string? Label(V1Pod pod, string name) =>
        pod.Metadata.Labels is { } labels && labels.TryGetValue(name, out var value) ? value : null;

    private static string? Annotation(V1Pod pod, string name) =>
        pod.Metadata.Annotations is { } annotations && annotations.TryGetValue(name, out var value) ? value : null;

    private static string? WhyGone(V1Pod pod, V1ContainerStatus? status, int restarts, int? claimedAfter, bool hasMatch)
    {
        if (pod.Metadata.DeletionTimestamp is not null)
        {
            return $"It is being deleted{Because(pod)}.";
        }

        if (Label(pod, PodNames.Pool) == PodNames.Debug)
        {
            return $"It was set aside: its label {PodNames.Pool} is {PodNames.Debug}.";
        }

        if (pod.Status?.Phase is "Succeeded" or "Failed")
        {
            var last = status?.State?.Terminated is not null
                ? status
                : AllOf(pod).FirstOrDefault(other => other.State?.Terminated is { ExitCode: not 0 });
            var ended = pod.Status.Reason is null ? last?.State.Terminated : null;
            var why = ended is null ? Because(pod) : $" (exit code {ended.ExitCode}{NameOf(last, status)}{Said(ended)})";
            return $"It has {pod.Status.Phase.ToLowerInvariant()}{why}.";
        }

        // A claimed pod comes from a Deployment, so its program is restarted; but that makes it another server, without the session. If it
        // had crashed before the claim, the kubelet waits up to five minutes before it starts it again.
        var waitsAfter = hasMatch && status?.State?.Waiting is not null ? status.LastState?.Terminated : null;
        if ((status?.State?.Terminated ?? waitsAfter) is { } terminated)
        {
            return $"Its program has exited with {terminated.ExitCode} ({terminated.Reason}).";
        }

        return hasMatch && restarts > claimedAfter ? "Its program has exited and was started again." : null;
    }

    /// <summary>
    /// Why the program did not start, in the container runtime's own words, or the first line of what it left as its message.
    /// </summary>
    private static string Said(V1ContainerStateTerminated ended)
    {
        var message = (ended.Message ?? "").AsSpan().Trim();
        message = message[..(message.IndexOf('\n') is >= 0 and var end ? end : message.Length)];
        return message.IsEmpty ? "" : $", {ended.Reason}: {message[..Math.Min(message.Length, LongestMessage)]}";
    }

    /// <summary>A kubelet that rejects a pod that the scheduler gave it (OutOfcpu, NodeShutdown, Evicted, …) starts no container.</summary>
    private static bool HasRun(V1ContainerStatus? status) =>
        (status?.State?.Running, status?.State?.Terminated, status?.LastState?.Terminated) is not (null, null, null);

    private static string Because(V1Pod pod) => pod.Status?.Reason is { Length: > 0 } reason ? $" ({reason}: {pod.Status.Message})" : "";

    /// <summary>
    /// The container because of which the program does not start: its own, or an init container that does not start, such as an injected
    /// one.
    /// </summary>
    private static V1ContainerStatus? FindBlocking(V1Pod pod, V1ContainerStatus? own) => own?.State?.Running is not null
        ? own
        : pod.Status?.InitContainerStatuses?.FirstOrDefault(status => IsStuck(status) || CannotCreate(status)) ?? own;

    private static IEnumerable<V1ContainerStatus> AllOf(V1Pod pod) =>
        (pod.Status?.InitContainerStatuses ?? []).Concat(pod.Status?.ContainerStatuses ?? []);

    /// <summary>
    /// Leaves out what the kubelet soon retries: ErrImagePull, which becomes ImagePullBackOff when the retry fails too, and
    /// <see cref="CannotBeCreated"/>.
    /// </summary>
    private static bool IsStuck(V1ContainerStatus? status) =>
        status?.State?.Waiting?.Reason is "ImagePullBackOff" or "ErrImageNeverPull" or "InvalidImageName" or "CrashLoopBackOff";

    private static bool CannotCreate(V1ContainerStatus? status) =>
        status?.State?.Waiting?.Reason is "CreateContainerConfigError" or "CreateContainerError";

    private static string? WhatFor(V1ContainerStatus? status, V1ContainerStatus? own) =>
        status?.State?.Waiting is { Reason: not null } waiting
            ? $"{waiting.Reason}{NameOf(status, own)}{(string.IsNullOrEmpty(waiting.Message) ? "" : $": {waiting.Message}")}"
            : null;

    private static string NameOf(V1ContainerStatus? status, V1ContainerStatus? own) =>
        status is null || status == own ? "" : $" in container {status.Name}";
}
