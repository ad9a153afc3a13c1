using System.Globalization;
using System.Security.Cryptography;
using GameStack.Tests.Support;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>What operators do to a running stack: quotas, labels, Services. Nobody is lost, and nothing is left over.</summary>
[Collection(ClusterCollection.Name)]
public sealed class OperatorTests(ClusterStack cluster) : ClusterTests(cluster)
{
    private const string Limit = "operator-test";

    private static readonly TimeSpan Pace = TimeSpan.FromSeconds(0.5);

    /// <summary>How long a new connection may have no answer before it is tried again.</summary>
    private static readonly TimeSpan FirstAnswer = TimeSpan.FromSeconds(5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected override string Overlay => ClusterStack.OutsideOverlay;

    [Fact]
    public async Task A_match_that_a_quota_refuses_is_played_as_soon_as_there_is_room()
    {
        await EmptyPoolAsync();
        var there = await Pods.WaitAsync(
            "", "no pod that is going", pods => pods.All(pod => pod.Metadata.DeletionTimestamp is null), Patience);
        var used = there.Count(pod => pod.Status.Phase is "Pending" or "Running"); // A quota does not count a job's pod that has ended.
        await QuotaAsync("pods", used);
        Seat[] seats;
        try
        {
            var players = ClusterPlayers.Names(ClusterStack.SessionSize);
            var playing = Players.PlayAsync(players);
            await LoggedAsync("Cannot create pods; retrying: ");
            await QuotaAsync("pods", used + 1);
            seats = await playing;
            var log = await LogAsync(Token);
            Assert.DoesNotContain("got no server at try", log, StringComparison.Ordinal);
        }
        finally
        {
            await DropQuotaAsync();
        }

        await PlayToTheEndAsync(seats);
    }

    [Fact]
    public async Task A_LimitRange_is_named_by_the_servers_own_words_and_not_taken_for_a_missing_permission()
    {
        await EmptyPoolAsync();
        var limits = new V1LimitRange
        {
            Metadata = new V1ObjectMeta { Name = Limit },
            Spec = new V1LimitRangeSpec
            {
                Limits =
                [
                    new V1LimitRangeItem
                    {
                        Type = "Container",
                        Min = new Dictionary<string, ResourceQuantity> { ["memory"] = new("100Gi") },
                    },
                ],
            },
        };
        await Cluster.Client.CoreV1.CreateNamespacedLimitRangeAsync(limits, ClusterStack.Place, cancellationToken: Token);
        Task<Seat[]> playing;
        try
        {
            playing = Players.PlayAsync(ClusterStack.SessionSize);
            var line = await LoggedAsync("Cannot create pods; retrying: ");
            Assert.Contains("memory", line, StringComparison.Ordinal);
            Assert.DoesNotContain("Role", line, StringComparison.Ordinal);
        }
        finally
        {
            await Cluster.Client.CoreV1.DeleteNamespacedLimitRangeAsync(Limit, ClusterStack.Place, cancellationToken: Token);
        }

        await PlayToTheEndAsync(await playing);
    }

    [Fact]
    public async Task Node_ports_that_a_quota_refuses_cost_no_pod()
    {
        var before = (await Pods.ListAsync(ClusterStack.Free)).Select(pod => pod.Uid()).ToHashSet();
        await QuotaAsync("services.nodeports", 1); // The proxy has one.
        Task<Seat[]> playing;
        try
        {
            playing = Players.PlayAsync(4 * ClusterStack.SessionSize);
            await LoggedAsync("Cannot create services; retrying: ");
            await Task.Delay(TimeSpan.FromSeconds(10), Token); // Long enough to throw away dozens of pods.
            var gone = before.Except((await Pods.ListAsync(ClusterStack.GameServers)).Select(pod => pod.Uid()));
            Assert.Empty(gone);
        }
        finally
        {
            await DropQuotaAsync();
        }

        await PlayToTheEndAsync(await playing);
    }

    [Fact]
    public async Task Services_of_somebody_else_with_the_names_of_pods_cost_no_pod_and_stay()
    {
        var free = await Pods.ListAsync(ClusterStack.Free);
        foreach (var pod in free)
        {
            var service = new V1Service
            {
                Metadata = new V1ObjectMeta { Name = pod.Name() },
                Spec = new V1ServiceSpec { Ports = [new V1ServicePort { Port = 80 }] },
            };
            await Cluster.Client.CoreV1.CreateNamespacedServiceAsync(service, ClusterStack.Place, cancellationToken: Token);
        }

        Seat[] seats;
        try
        {
            seats = await Players.PlayAsync(2 * ClusterStack.SessionSize);
            var pods = await Pods.ListAsync(ClusterStack.GameServers);
            Assert.Empty(free.Select(pod => pod.Uid()).Except(pods.Select(pod => pod.Uid())));
        }
        finally
        {
            await Kubectl.RunAsync(["--namespace", ClusterStack.Place, "delete", "service", .. free.Select(pod => pod.Name())]);
        }

        await PlayToTheEndAsync(seats);
    }

    [Fact]
    public async Task Game_servers_with_the_key_of_another_pair_cost_no_pod_and_one_line_says_so()
    {
        var keys = await Cluster.Client.CoreV1.ReadNamespacedConfigMapAsync(
            "game-server-control", ClusterStack.Place, cancellationToken: Token);
        using var other = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Task<Seat[]> playing;
        try
        {
            await PublishAsync(Convert.ToBase64String(other.ExportSubjectPublicKeyInfo()));
            var before = await Pods.WaitAsync(
                ClusterStack.Free, "no pod from before", pods => pods.All(pod => pod.Metadata.DeletionTimestamp is null), Patience);
            playing = Players.PlayAsync(2 * ClusterStack.SessionSize);
            var line = await LoggedAsync("Cannot use game servers; retrying: ");
            Assert.Contains("DENIED", line, StringComparison.Ordinal);
            await Task.Delay(TimeSpan.FromSeconds(20), Token); // Long enough for several tries.
            Assert.False(playing.IsCompleted);
            var now = await Pods.ListAsync(ClusterStack.GameServers);
            Assert.Empty(before.Select(pod => pod.Uid()).Except(now.Select(pod => pod.Uid())));
        }
        finally
        {
            await PublishAsync(keys.Data["public-key"]);
        }

        await PlayToTheEndAsync(await playing);

        async Task PublishAsync(string key)
        {
            await Cluster.Client.CoreV1.PatchNamespacedConfigMapAsync(
                new V1Patch($$"""{"data":{"public-key":"{{key.Trim()}}"} }""", V1Patch.PatchType.MergePatch),
                "game-server-control",
                ClusterStack.Place,
                cancellationToken: CancellationToken.None);
            await Kubectl.RunAsync("--namespace", ClusterStack.Place, "rollout", "restart", "deployment/game-server");
            await Kubectl.RunAsync("--namespace", ClusterStack.Place, "rollout", "status", "deployment/game-server", "--timeout=180s");
        }
    }

    [Fact]
    public async Task A_webhook_that_refuses_claims_or_hangs_is_named_and_costs_no_pod()
    {
        var before = (await Pods.ListAsync(ClusterStack.Free)).Select(pod => pod.Uid()).ToHashSet();
        Task<Seat[]> playing;
        await using (var webhook = await AdmissionWebhook.StartAsync(Cluster.Client, (422, "no changes before the weekend")))
        {
            playing = Players.PlayAsync(2 * ClusterStack.SessionSize);
            await LoggedAsync("Cannot patch pods; retrying: admission webhook");
            webhook.Refusal = null;
            await LoggedAsync("Cannot patch pods; retrying: Internal error occurred: failed calling webhook");
            var now = await Pods.ListAsync(ClusterStack.GameServers);
            Assert.Empty(before.Except(now.Select(pod => pod.Uid())));
        }

        await PlayToTheEndAsync(await playing);
    }

    [Fact]
    public async Task A_claimed_pod_that_is_put_back_on_standby_keeps_its_players()
    {
        var seats = await Players.PlayAsync(ClusterStack.SessionSize);
        var pod = await PodOfAsync(seats[0]);

        await LabelAsync(pod, """{"pool":"standby"}""");
        var others = await Players.PlayAsync(4 * ClusterStack.SessionSize);

        var repaired = await Pods.WaitAsync(
            ClusterStack.Claimed, "the label of its match", pods => pods.Any(there => there.Uid() == pod.Uid()), Patience);
        Assert.DoesNotContain(others, seat => seat.SessionId == seats[0].SessionId);
        Assert.Equal(seats[0].SessionId, repaired.Single(there => there.Uid() == pod.Uid()).Metadata.Labels["session_id"]);
        await Players.EndAsync(others);
        await PlayToTheEndAsync(seats);
    }

    [Fact]
    public async Task A_claimed_pod_without_its_labels_and_annotations_keeps_its_players()
    {
        var seats = await Players.PlayAsync(ClusterStack.SessionSize);
        var pod = await PodOfAsync(seats[0]);
        await using var player = await LineClient.ConnectAsync(seats[0], Token);

        var nothing = """
            {"metadata":{
                "labels":{"session_id":null,"gamestack/pod":null},
                "annotations":{"gamestack/session":null,"gamestack/queue":null,"gamestack/backend":null,"gamestack/address":null} } }
            """;
        await Cluster.Client.CoreV1.PatchNamespacedPodAsync(
            new V1Patch(nothing, V1Patch.PatchType.MergePatch), pod.Name(), ClusterStack.Place, cancellationToken: Token);
        await Pods.WaitAsync(
            $"{ClusterStack.Claimed},session_id={seats[0].SessionId}", "its labels", pods => pods.Count == 1, Patience);

        Assert.Equal("STATE open", await player.AskAsync("GET_STATE"));
        await PlayToTheEndAsync(seats);
    }

    [Fact]
    public async Task A_pod_that_is_claimed_by_hand_or_has_lost_its_pool_goes_and_one_that_is_set_aside_stays()
    {
        var free = (await Pods.ListAsync(ClusterStack.Free)).Take(3).ToArray();
        var (claimed, unlabelled, aside) = (free[0], free[1], free[2]);

        await LabelAsync(claimed, """{"pool":"claimed"}""");
        await LabelAsync(unlabelled, """{"pool":null}""");
        await LabelAsync(aside, """{"pool":"debug"}""");
        await Pods.WaitAsync(
            ClusterStack.GameServers, "no pod that is nobody's",
            pods => pods.All(pod => pod.Uid() != claimed.Uid() && pod.Uid() != unlabelled.Uid()), Patience);

        Assert.Contains(await Pods.ListAsync("pool=debug"), pod => pod.Uid() == aside.Uid() && pod.Metadata.DeletionTimestamp is null);
        await Cluster.Client.CoreV1.DeleteNamespacedPodAsync(aside.Name(), ClusterStack.Place, cancellationToken: Token);
        await AuditAsync([]);
    }

    [Fact]
    public async Task A_match_whose_Service_is_deleted_gets_it_back_with_the_same_port()
    {
        var seats = await Players.PlayAsync(ClusterStack.SessionSize);
        var pod = await PodOfAsync(seats[0]);

        await Kubectl.RunAsync("--namespace", ClusterStack.Place, "delete", "service", pod.Name());

        await Eventually.GetAsync(
            "the Service", _ => ServicesAsync(), services => services.Any(service => service.Name() == pod.Name()), Patience, Pace);
        await PlayToTheEndAsync(seats);
    }

    [Fact]
    public async Task A_Service_without_its_label_and_its_owner_gets_them_back_and_its_match_goes_on()
    {
        var seats = await Players.PlayAsync(ClusterStack.SessionSize);
        var pod = await PodOfAsync(seats[0]);
        await using var player = await LineClient.ConnectAsync(seats[0], Token);

        var nothing = """{"metadata":{"labels":{"app":null},"ownerReferences":null} }""";
        await Cluster.Client.CoreV1.PatchNamespacedServiceAsync(
            new V1Patch(nothing, V1Patch.PatchType.MergePatch), pod.Name(), ClusterStack.Place, cancellationToken: Token);
        await Eventually.GetAsync(
            "its owner", _ => ServicesAsync(),
            services => services.Any(service => service.OwnerReferences()?.Any(owner => owner.Uid == pod.Uid()) == true), Patience, Pace);

        Assert.Equal("STATE open", await player.AskAsync("GET_STATE"));
        await PlayToTheEndAsync(seats);
    }

    [Fact]
    public async Task A_template_whose_program_fails_costs_no_match_and_one_line_says_why()
    {
        await EmptyPoolAsync();
        const string container = """{"spec":{"template":{"spec":{"containers":[{"name":"game-server","command":COMMAND}]} } } }""";
        await Cluster.PatchGameServerAsync(container.Replace("COMMAND", """["/no/such/program"]""", StringComparison.Ordinal));
        Task<Seat[]> playing;
        try
        {
            playing = Players.PlayAsync(2 * ClusterStack.SessionSize);
            var line = await LoggedAsync("Cannot start game servers; retrying: ");
            Assert.Contains("/no/such/program", line, StringComparison.Ordinal);
            await Task.Delay(TimeSpan.FromSeconds(20), Token); // Long enough for several tries.
            Assert.False(playing.IsCompleted);
            var claimed = (await Pods.ListAsync(ClusterStack.Claimed)).Where(pod => pod.Metadata.DeletionTimestamp is null);
            Assert.InRange(claimed.Count(), 0, 2); // One at a time by each backend.
        }
        finally
        {
            await Cluster.PatchGameServerAsync(container.Replace("COMMAND", "null", StringComparison.Ordinal));
        }

        await PlayToTheEndAsync(await playing);
    }

    [Fact]
    public async Task Backends_that_may_not_list_pods_are_not_ready_and_the_old_ones_serve()
    {
        const string refusal = "The Kubernetes API refuses the pod's service account the right to list pods";
        var binding = await Cluster.Client.RbacAuthorizationV1.ReadNamespacedRoleBindingAsync(
            "backend", ClusterStack.Place, cancellationToken: Token);
        var seats = await Players.PlayAsync(ClusterStack.SessionSize);
        await using var player = await LineClient.ConnectAsync(seats[0], Token); // A match that nobody connects to ends after 60 s.
        var before = (await Pods.ListAsync("app=backend")).Select(pod => pod.Uid()).ToHashSet();

        await Kubectl.RunAsync("--namespace", ClusterStack.Place, "delete", "rolebinding", "backend");
        try
        {
            await Kubectl.RunAsync("--namespace", ClusterStack.Place, "rollout", "restart", "deployment/backend");
            await LoggedAsync(refusal);
            await Task.Delay(TimeSpan.FromSeconds(20), Token); // Longer than a backend that starts waits for its first answer.
            await Pods.WaitAsync(
                "app=backend", "the old ones are ready and a new one is not",
                pods => pods.All(pod => IsOld(pod) == ClusterPods.IsReady(pod)) && !pods.All(IsOld),
                Patience);
            Assert.Equal("matched", (await Cluster.Proxy.StatusAsync(seats[0].Player, Token)).Ok().Text("status"));
        }
        finally
        {
            binding.Metadata = new V1ObjectMeta { Name = "backend", Labels = binding.Metadata.Labels };
            await Cluster.Client.RbacAuthorizationV1.CreateNamespacedRoleBindingAsync(
                binding, ClusterStack.Place, cancellationToken: CancellationToken.None);
            await Kubectl.RunAsync("--namespace", ClusterStack.Place, "rollout", "status", "deployment/backend", "--timeout=180s");
        }

        await PlayToTheEndAsync(seats);

        bool IsOld(V1Pod pod) => before.Contains(pod.Uid());
    }

    [Fact]
    public async Task Two_queues_play_in_one_namespace_and_end_none_of_each_others_matches()
    {
        LineClient[] players = [];
        Seat[] matches;
        try
        {
            await DeployRankedAsync();
            using var ranked = new ContractClient(await Cluster.FindAsync("ranked", "http"));
            var seats = await Task.WhenAll(
                new ClusterPlayers(ranked).PlayAsync(2 * ClusterStack.SessionSize), Players.PlayAsync(2 * ClusterStack.SessionSize));
            matches = [.. seats.SelectMany(seat => seat).DistinctBy(seat => seat.SessionId)];
            players = await Task.WhenAll(matches.Select(seat => LineClient.ConnectAsync(seat, Token)));

            // Several comparisons of both queues' reconcilers, every 5 s, two of which end a server without a match.
            await Task.Delay(TimeSpan.FromSeconds(20), Token);

            var pods = await Task.WhenAll(matches.Select(PodOfAsync));
            Assert.Equal(4, pods.Select(pod => pod.Name()).Distinct().Count());
            Assert.Equal(["default", "ranked"], pods.Select(pod => pod.Metadata.Annotations["gamestack/queue"]).Distinct().Order());
            foreach (var player in players)
            {
                Assert.Equal("STATE open", await player.AskAsync("GET_STATE"));
            }

            await new ClusterPlayers(ranked).EndAsync(seats[0]);
            await Players.EndAsync(seats[1]);
            Assert.DoesNotContain(Trace, await LogAsync(Token), StringComparison.Ordinal);
        }
        finally
        {
            foreach (var player in players)
            {
                await player.DisposeAsync();
            }

            await Kubectl.RunAsync(
                "--namespace", ClusterStack.Place, "delete", "deployment/ranked", "service/ranked", "--cascade=foreground",
                "--ignore-not-found");
        }

        await AuditAsync(matches);
    }

    private async Task EmptyPoolAsync()
    {
        await Cluster.ScaleAsync(0);
        await Pods.WaitAsync(ClusterStack.Free, "an empty pool", pods => pods.Count == 0, Patience);
    }

    private Task<V1Pod> LabelAsync(V1Pod pod, string labels) => Cluster.Client.CoreV1.PatchNamespacedPodAsync(
        new V1Patch($$"""{"metadata":{"labels":{{labels}} } }""", V1Patch.PatchType.MergePatch), pod.Name(), ClusterStack.Place,
        cancellationToken: Token);

    private async Task QuotaAsync(string resource, int most)
    {
        var quota = new V1ResourceQuota
        {
            Metadata = new V1ObjectMeta { Name = Limit },
            Spec = new V1ResourceQuotaSpec
            {
                Hard = new Dictionary<string, ResourceQuantity> { [resource] = new(most.ToString(CultureInfo.InvariantCulture)) },
            },
        };
        try
        {
            await Cluster.Client.CoreV1.CreateNamespacedResourceQuotaAsync(quota, ClusterStack.Place, cancellationToken: Token);
        }
        catch (HttpOperationException e) when (e.Response.StatusCode == System.Net.HttpStatusCode.Conflict)
        {
            await Cluster.Client.CoreV1.ReplaceNamespacedResourceQuotaAsync(quota, Limit, ClusterStack.Place, cancellationToken: Token);
        }

        // Before the quota has counted what there is, it admits nothing, with another message.
        await Eventually.IsAsync(
            "the quota's status",
            async token =>
            {
                var there = await Cluster.Client.CoreV1.ReadNamespacedResourceQuotaAsync(
                    Limit, ClusterStack.Place, cancellationToken: token);
                return there.Status?.Hard?.TryGetValue(resource, out var hard) == true && hard.ToInt32() == most;
            },
            Patience);
    }

    private Task<V1ResourceQuota> DropQuotaAsync() =>
        Cluster.Client.CoreV1.DeleteNamespacedResourceQuotaAsync(Limit, ClusterStack.Place, cancellationToken: CancellationToken.None);

    /// <summary>The first line that any backend has logged since the test began and that contains this.</summary>
    private Task<string> LoggedAsync(string text) => Eventually.GetAsync(
        text,
        async token => (await LogAsync(token)).Split('\n').FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)) ?? "",
        line => line.Length > 0,
        Patience,
        Pace);

    private async Task<IReadOnlyList<V1Service>> ServicesAsync() =>
    [
        .. (await Cluster.Client.CoreV1.ListNamespacedServiceAsync(
            ClusterStack.Place, labelSelector: ClusterStack.GameServers, cancellationToken: Token)).Items,
    ];

    /// <summary>Every player connects anew, at the address of the match; they play, and everything is cleared away.</summary>
    private async Task PlayToTheEndAsync(Seat[] seats)
    {
        foreach (var seat in seats.DistinctBy(seat => seat.SessionId))
        {
            await using var player = await Eventually.GetAsync(
                seat.SessionId, token => TryConnectAsync(seat, token), client => client is not null, Patience, Pace);
            Assert.Equal("RUNNING_LENGTH 1", await player!.AskAsync("REQUEST_MATCH 1"));
            Assert.Equal(["STATE running", "STATE stop"], await player.ReadToEndAsync());
        }

        foreach (var seat in seats)
        {
            await Players.WaitUntilEndedAsync(seat.Player);
        }

        await AuditAsync(seats);
    }

    /// <summary>
    /// Null while nothing answers. A Service that was just created may not be routed yet, and until it is, kube-proxy may hold its port
    /// with a listener of its own, on which connections succeed that nobody ever answers.
    /// </summary>
    private static async Task<LineClient?> TryConnectAsync(Seat seat, CancellationToken cancellationToken)
    {
        LineClient? player = null;
        try
        {
            player = await LineClient.ConnectAsync(seat, cancellationToken);
            Assert.Equal("STATE open", await player.AskAsync("GET_STATE").WaitAsync(FirstAnswer, cancellationToken));
            return player;
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or TimeoutException)
        {
            await (player?.DisposeAsync() ?? ValueTask.CompletedTask);
            return null;
        }
    }

    /// <summary>
    /// No pod and no Service is left over, the queue is empty, each match has a row with its end, and no backend has logged a stack trace.
    /// </summary>
    private async Task AuditAsync(Seat[] seats)
    {
        await Cluster.SettleAsync();
        await Eventually.GetAsync("no Service left", _ => ServicesAsync(), services => services.Count == 0, TimeSpan.FromSeconds(60), Pace);
        await Eventually.GetAsync(
            "nobody waits, and no match is claimed or live: each set has its mark only",
            _ => ExecuteAsync(
                "redis-0",
                "for set in waiting claims live; do REDISCLI_AUTH=$REDIS_PASSWORD redis-cli ZCARD {q:default}:$set; done"),
            counts => counts.Split('\n', StringSplitOptions.RemoveEmptyEntries) is ["1", "1", "1"],
            Patience,
            Pace);
        var sessions = seats.Select(seat => seat.SessionId).Distinct().ToArray();
        var ended = $"SELECT count(*) FROM matches WHERE ended_at IS NOT NULL AND session_id::text IN ('{string.Join("', '", sessions)}')";
        await Eventually.GetAsync(
            "the end of each match in Postgres",
            _ => ExecuteAsync(
                "postgres-0",
                $"PGPASSWORD=$GAMESTACK_PASSWORD psql -h 127.0.0.1 -U gamestack -d matches --tuples-only --no-align --command=\"{ended}\""),
            count => count.Trim() == $"{sessions.Length}",
            Patience,
            Pace);
        Assert.DoesNotContain(Trace, await LogAsync(Token), StringComparison.Ordinal);
    }

    /// <summary>
    /// A backend of a second queue: the first one's, with another name and another queue. A label tells their pods apart for Services.
    /// </summary>
    private async Task DeployRankedAsync()
    {
        const string own = """{"queue":"default"}""";
        string[] patch = ["--namespace", ClusterStack.Place, "patch", "--patch"];
        await Kubectl.RunAsync([.. patch, $$$"""{"spec":{"template":{"metadata":{"labels":{{{own}}} } } } }""", "deployment/backend"]);
        await Kubectl.RunAsync("--namespace", ClusterStack.Place, "rollout", "status", "deployment/backend", "--timeout=120s");
        await Kubectl.RunAsync([.. patch, $$$"""{"spec":{"selector":{{{own}}} } }""", "service/backend-pods"]);

        var backend = await Cluster.Client.AppsV1.ReadNamespacedDeploymentAsync("backend", ClusterStack.Place, cancellationToken: Token);
        var labels = new Dictionary<string, string> { ["app"] = "backend", ["queue"] = "ranked" };
        var template = backend.Spec.Template;
        (template.Metadata.Labels, template.Metadata.CreationTimestamp) = (labels, null);
        template.Spec.Containers[0].Env.Add(new V1EnvVar { Name = "Matchmaking__Queue", Value = "ranked" });
        await Cluster.Client.AppsV1.CreateNamespacedDeploymentAsync(
            new V1Deployment
            {
                Metadata = new V1ObjectMeta { Name = "ranked" },
                Spec = new V1DeploymentSpec { Replicas = 1, Selector = new V1LabelSelector { MatchLabels = labels }, Template = template },
            },
            ClusterStack.Place,
            cancellationToken: Token);
        await Cluster.Client.CoreV1.CreateNamespacedServiceAsync(
            new V1Service
            {
                Metadata = new V1ObjectMeta { Name = "ranked" },
                Spec = new V1ServiceSpec
                {
                    Type = "NodePort",
                    Selector = labels,
                    Ports = [new V1ServicePort { Name = "http", Port = 8080 }],
                },
            },
            ClusterStack.Place,
            cancellationToken: Token);
        await Kubectl.RunAsync("--namespace", ClusterStack.Place, "rollout", "status", "deployment/ranked", "--timeout=120s");
    }
}
