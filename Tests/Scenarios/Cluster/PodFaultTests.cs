using System.Collections.Concurrent;
using System.Globalization;
using GameStack.Tests.Support;
using k8s;
using k8s.Models;

namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>Something breaks: nobody is lost, and no pod is left.</summary>
[Collection(ClusterCollection.Name)]
public sealed class PodFaultTests(ClusterStack cluster) : ClusterTests(cluster)
{
    /// <summary>The process id of the API server, set by the script that started the cluster on this machine. One test stops it.</summary>
    private const string ApiServerVariable = "GAMESTACK_TEST_API_SERVER_PID";

    private const string NotHere = "The cluster's processes are not this machine's.";

    private static readonly TimeSpan Away = TimeSpan.FromSeconds(20);

    private protected override string Overlay => ClusterStack.OutsideOverlay;

    [Fact]
    public async Task A_claimed_pod_that_is_deleted_by_hand_ends_its_match()
    {
        var seats = await Players.PlayAsync(ClusterStack.SessionSize);
        var pod = await PodOfAsync(seats[0]);

        await Cluster.Client.CoreV1.DeleteNamespacedPodAsync(
            pod.Name(), ClusterStack.Place, cancellationToken: TestContext.Current.CancellationToken);

        await EndedForAllAsync(seats);
    }

    [Fact]
    public async Task A_pod_that_the_kubelet_ends_ends_its_match()
    {
        var seats = await Players.PlayAsync(ClusterStack.SessionSize);
        var pod = await PodOfAsync(seats[0]);

        // As with an eviction the pod stays, failed.
        await Cluster.Client.CoreV1.PatchNamespacedPodAsync(
            new V1Patch("""{"spec":{"activeDeadlineSeconds":1}}""", V1Patch.PatchType.MergePatch), pod.Name(), ClusterStack.Place,
            cancellationToken: TestContext.Current.CancellationToken);

        await EndedForAllAsync(seats);
    }

    [Fact]
    public async Task A_server_that_crashes_ends_its_match_and_does_not_come_back_as_a_server_without_one()
    {
        var seats = await Players.PlayAsync(ClusterStack.SessionSize);
        var pod = await PodOfAsync(seats[0]);
        var process = NodeProcesses.Find(pod.Uid(), "GameServer");
        Assert.SkipWhen(process.Count == 0, NotHere);

        UnixSignals.Send(Assert.Single(process), UnixSignals.Kill);

        await EndedForAllAsync(seats);
    }

    [Fact]
    public async Task While_an_image_cannot_be_pulled_players_wait_and_are_matched_when_it_can()
    {
        var image = (await Cluster.Client.AppsV1.ReadNamespacedDeploymentAsync(
            "game-server", ClusterStack.Place,
            cancellationToken: TestContext.Current.CancellationToken)).Spec.Template.Spec.Containers[0].Image;
        await Cluster.ScaleAsync(0);
        await Pods.WaitAsync(ClusterStack.Free, "an empty pool", pods => pods.Count == 0, Patience);
        var players = ClusterPlayers.Names(ClusterStack.SessionSize);

        await SetImageAsync("game-server:is-not-there");
        try
        {
            await Task.WhenAll(players.Select(Players.JoinAsync));
            await Pods.WaitAsync(
                ClusterStack.Claimed, "a pod without an image",
                pods => pods.Any(pod => pod.Status.ContainerStatuses?.Any(status =>
                    status.State?.Waiting?.Reason is "ErrImageNeverPull" or "ErrImagePull" or "ImagePullBackOff") ?? false),
                Patience);
            foreach (var player in players)
            {
                Assert.Equal("pending", (await Players.FindAsync(player)).Text("status"));
            }
        }
        finally
        {
            await SetImageAsync(image);
        }

        var seats = await Task.WhenAll(players.Select(Players.WaitUntilMatchedAsync));

        await using (await LineClient.ConnectAsync(seats[0], TestContext.Current.CancellationToken))
        {
            await Players.EndAsync(seats);
        }

        await Cluster.SettleAsync();
    }

    [Fact]
    public async Task A_backend_that_is_killed_while_it_assigns_loses_nobody()
    {
        var backend = (await Pods.ListAsync("app=backend"))[0];
        var players = ClusterPlayers.Names(2 * ClusterStack.Standby * ClusterStack.SessionSize);

        // Who connects at once ends no match by staying away, however long the others wait.
        var connections = new ConcurrentBag<LineClient>();
        var playing = Task.WhenAll(players.Select(async player =>
        {
            var seat = await Players.MatchAsync(player);
            connections.Add(await LineClient.ConnectAsync(seat, TestContext.Current.CancellationToken));
            return seat;
        }));
        await Pods.WaitAsync(ClusterStack.Claimed, "a pod that is claimed", pods => pods.Count > 0, Patience);
        await Cluster.Client.CoreV1.DeleteNamespacedPodAsync(
            backend.Name(), ClusterStack.Place,
            new V1DeleteOptions { GracePeriodSeconds = 0 }, cancellationToken: TestContext.Current.CancellationToken);
        var seats = await playing;

        Assert.All(seats.GroupBy(seat => seat.SessionId), match => Assert.InRange(match.Count(), 2, ClusterStack.SessionSize));
        Assert.Equal(players.Length, seats.Length);
        await Players.EndAsync(seats);
        foreach (var connection in connections)
        {
            await connection.DisposeAsync();
        }

        await Pods.WaitAsync("app=backend", "two backends again", pods => pods.Count(ClusterPods.IsReady) == 2, Patience);
        await Cluster.SettleAsync();
    }

    [Fact]
    public async Task While_the_API_server_is_away_players_wait_and_running_matches_run()
    {
        var variable = Environment.GetEnvironmentVariable(ApiServerVariable);
        Assert.SkipWhen(string.IsNullOrEmpty(variable), $"{ApiServerVariable} does not say which process the API server is.");
        var apiServer = int.Parse(variable!, CultureInfo.InvariantCulture);
        var running = await Players.PlayAsync(ClusterStack.SessionSize);
        await using var player = await LineClient.ConnectAsync(running[0], TestContext.Current.CancellationToken);
        var late = ClusterPlayers.Names(ClusterStack.SessionSize);

        UnixSignals.Send(apiServer, UnixSignals.Stop);
        try
        {
            await Task.WhenAll(late.Select(Players.JoinAsync));
            await Task.Delay(Away, TestContext.Current.CancellationToken); // The fault itself: it has no event to wait for.
            Assert.Equal("STATE open", await player.AskAsync("GET_STATE"));
        }
        finally
        {
            UnixSignals.Send(apiServer, UnixSignals.Continue);
        }

        var seats = await Task.WhenAll(late.Select(Players.WaitUntilMatchedAsync));
        await using (await LineClient.ConnectAsync(seats[0], TestContext.Current.CancellationToken))
        {
            await Players.EndAsync([.. running, .. seats]);
        }

        await Cluster.SettleAsync();
    }

    /// <summary>A stopped process accepts connections, as far as the kernel does that for it, and answers nothing.</summary>
    [Fact]
    public async Task While_Redis_and_Postgres_hang_everybody_is_ready_nobody_is_lost_and_logs_are_short()
    {
        const int mostLines = 20; // Of both backends, for all that fails.
        const string servers = "app in (backend, proxy)";
        await Pods.WaitAsync(
            servers, "no backend or proxy of an earlier rollout", pods => pods.Count > 0 && pods.All(ClusterPods.IsReady), Patience);
        var redis = Assert.Single(await Pods.ListAsync("app=redis"));
        var postgres = Assert.Single(await Pods.ListAsync("app=postgres"));
        int[] processes = [.. NodeProcesses.Find(redis.Uid(), "redis-server"), .. NodeProcesses.Find(postgres.Uid(), "postgres")];
        Assert.SkipWhen(processes.Length == 0, NotHere);
        var players = ClusterPlayers.Names(ClusterStack.SessionSize);
        Task joining;

        try
        {
            foreach (var process in processes)
            {
                var isStopped = UnixSignals.TrySend(process, UnixSignals.Stop);
                Assert.True(isStopped || !Directory.Exists($"/proc/{process}"), $"Cannot stop process {process}.");
            }

            joining = Task.WhenAll(players.Select(Players.JoinAsync));
            Dictionary<string, int> unready = [];
            for (var stoppedAt = DateTime.UtcNow; DateTime.UtcNow - stoppedAt < Away;)
            {
                // On a busy node, a pod may miss two probes; one that waits for what hangs misses them all.
                unready = (await Pods.ListAsync(servers))
                    .Where(pod => pod.Metadata.DeletionTimestamp is null && !ClusterPods.IsReady(pod))
                    .ToDictionary(pod => pod.Name(), pod => unready.GetValueOrDefault(pod.Name()) + 1);
                Assert.All(unready, pod => Assert.True(pod.Value < 8, $"{pod.Key} is not ready."));
                await Task.Delay(TimeSpan.FromSeconds(1), TestContext.Current.CancellationToken);
            }
        }
        finally
        {
            Array.ForEach(processes, process => UnixSignals.TrySend(process, UnixSignals.Continue));
        }

        // Each backend has matched its own in its memory, which may leave one who waits. Nobody else waits with the next players.
        await joining;
        var statuses = await Task.WhenAll(players.Select(Players.FindAsync));
        Assert.All(statuses, answer => Assert.Contains(answer.Text("status"), (string[])["matched", "pending"]));
        var matched = await Task.WhenAll(players.Select(Players.LeaveAsync));
        Seat[] seats = [.. matched.OfType<Seat>(), .. await Players.PlayAsync(ClusterStack.SessionSize)];

        var log = await LogAsync(TestContext.Current.CancellationToken);
        Assert.DoesNotContain(Trace, log, StringComparison.Ordinal);
        var warnings = log.Split('\n').Where(line => line.StartsWith("warn:", StringComparison.Ordinal)
            || line.StartsWith("fail:", StringComparison.Ordinal));
        Assert.InRange(warnings.Count(), 1, mostLines);
        await Players.EndAsync(seats);
        await EndedForAllAsync(seats);
    }

    private async Task EndedForAllAsync(Seat[] seats)
    {
        foreach (var seat in seats)
        {
            await Players.WaitUntilEndedAsync(seat.Player);
        }

        await Cluster.SettleAsync();
    }

    private Task SetImageAsync(string image) => Cluster.PatchGameServerAsync(
        $$"""{"spec":{"template":{"spec":{"containers":[{"name":"game-server","image":"{{image}}"}] } } } }""");
}
