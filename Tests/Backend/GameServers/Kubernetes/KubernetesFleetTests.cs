using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using GameStack.Backend.GameServers;
using GameStack.Backend.GameServers.Kubernetes;
using GameStack.Tests.Support;
using Microsoft.Extensions.Logging;

namespace GameStack.Tests.Backend.GameServers.Kubernetes;

/// <summary>The whole fleet on a cluster in memory, while an operator or a quota is in its way.</summary>
public sealed class KubernetesFleetTests
{
    private const string MissingPermission = "pods is forbidden: User \"backend\" cannot create resource \"pods\" in API group \"\"";
    private const int ObstacleMet = 451;
    private const int NotClaimed = 454;
    private const int ObstaclePassed = 457;
    private const int PodRepaired = 459;
    private const int RouteRepaired = 462;

    private static readonly JsonObject FitsOnNoNode = Status(
        """
        {"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable",
            "message":"0/3 nodes are available: 3 Insufficient cpu."}]}
        """);

    [Fact]
    public async Task A_match_gets_a_pod_on_standby_and_the_pool_is_refilled()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 2);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 2);

        var server = await backend.PlayAsync();

        Assert.Equal(server.MatchId, cluster.ServerOf(server.Name).Match);
        Assert.Equal([server], await backend.Fleet.ListAsync(TestContext.Current.CancellationToken));
        await backend.WaitAsync(() => backend.Catalog.StandbyCount == 2);
        Assert.Equal(0, cluster.Count("create pods"));
    }

    [Fact]
    public async Task A_match_that_a_quota_refuses_gets_a_pod_as_soon_as_another_one_is_gone()
    {
        await using var cluster = await FakeCluster.StartAsync();
        cluster.MostPods = 1;
        await using var backend = await FakeClusterBackend.StartAsync(cluster);
        var first = await backend.PlayAsync();

        var waiting = backend.AllocateAsync(Guid.NewGuid());
        await backend.Logs.WaitForAsync(ObstacleMet, 1);
        cluster.DeletePod(first.Name);

        Assert.True((await waiting).IsSuccess);
        Assert.Contains("exceeded quota", backend.Logs.Of(ObstacleMet)[0].Message, StringComparison.Ordinal);
        Assert.Empty(backend.Obstacles.Reasons);
    }

    [Fact]
    public async Task A_match_gets_a_pod_when_a_permission_comes_back()
    {
        await using var cluster = await FakeCluster.StartAsync();
        cluster.Refuse = call => call == "create pods" ? (403, MissingPermission) : null;
        await using var backend = await FakeClusterBackend.StartAsync(cluster);

        var waiting = backend.AllocateAsync(Guid.NewGuid());
        await backend.Logs.WaitForAsync(450, 1);
        Assert.Contains("may not create pods", Assert.Single(backend.Obstacles.Reasons), StringComparison.Ordinal);
        cluster.Refuse = _ => null;

        Assert.True((await waiting).IsSuccess);
        Assert.Single(backend.Logs.Of(450));
        Assert.Single(backend.Logs.Of(ObstaclePassed));
    }

    [Fact]
    public async Task A_match_whose_create_is_refused_takes_a_pod_that_goes_on_standby()
    {
        await using var cluster = await FakeCluster.StartAsync();
        cluster.Refuse = call => call == "create pods" ? (403, "minimum cpu usage per Container is 1, but request is 50m") : null;
        await using var backend = await FakeClusterBackend.StartAsync(cluster);

        var waiting = backend.AllocateAsync(Guid.NewGuid());
        await backend.Logs.WaitForAsync(ObstacleMet, 1);
        cluster.SetPool(1);

        Assert.StartsWith("game-server-5f6d-", (await waiting).Value?.Name, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_matches_that_are_refused_ask_no_more_often_than_one_and_all_get_pods_when_there_is_room()
    {
        await using var cluster = await FakeCluster.StartAsync();
        cluster.MostPods = 0;
        var allHaveAsked = new TaskCompletionSource();
        cluster.Delay = call =>
        {
            if (call == "create pods" && cluster.Count(call) == 30)
            {
                allHaveAsked.TrySetResult();
            }

            return call == "create pods" ? allHaveAsked.Task : Task.CompletedTask;
        };
        await using var backend = await FakeClusterBackend.StartAsync(cluster);

        var waiting = Enumerable.Range(0, 30).Select(_ => backend.AllocateAsync(Guid.NewGuid())).ToArray();

        await Eventually.IsAsync("tries of one match", _ => Task.FromResult(cluster.Count("create pods") > 32), Waits.Patient);
        var before = cluster.Count("create pods");
        cluster.MostPods = 100;
        var servers = await Task.WhenAll(waiting);

        Assert.All(servers, server => Assert.True(server.IsSuccess, server.Failure));
        Assert.InRange(before, 31, 34);
        Assert.Equal(30, cluster.PodNames.Count);
    }

    [Fact]
    public async Task A_match_that_gets_no_pod_in_time_says_why()
    {
        await using var cluster = await FakeCluster.StartAsync();
        cluster.MostPods = 0;
        await using var backend = await FakeClusterBackend.StartAsync(cluster, timeout: TimeSpan.FromSeconds(5));

        var allocation = await backend.AllocateAsync(Guid.NewGuid());

        Assert.StartsWith("There was no game server within 5 s: ", allocation.Failure, StringComparison.Ordinal);
        Assert.Contains("exceeded quota", allocation.Failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("patch pods")]
    [InlineData("patch pods", "get pods")]
    public async Task Claims_that_are_refused_cost_no_pod_and_go_on_when_they_are_accepted(params string[] refused)
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 3);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, GameServerExposure.Gateway, standby: 3);
        cluster.Refuse = call => refused.Contains(call) ? (403, $"User \"backend\" cannot do this: {call}") : null;

        var waiting = Enumerable.Range(0, 3).Select(_ => backend.AllocateAsync(Guid.NewGuid())).ToArray();
        await backend.Logs.WaitForAsync(450, refused.Length);
        cluster.Refuse = _ => null;
        var servers = await Task.WhenAll(waiting);

        Assert.All(servers, server => Assert.True(server.IsSuccess, server.Failure));
        Assert.Equal((0, 0), (cluster.Count("create pods"), cluster.Count("delete pods")));
        Assert.Equal(refused.Length, backend.Logs.Of(450).Count);
    }

    [Fact]
    public async Task A_policy_that_refuses_claims_is_named_once()
    {
        const string Policy =
            "pods \"p\" is forbidden: ValidatingAdmissionPolicy 'frozen' with binding 'frozen' denied request: no changes";
        await using var cluster = await FakeCluster.StartAsync(pool: 3);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, GameServerExposure.Gateway, standby: 3);
        cluster.Refuse = call => call == "patch pods" ? (422, Policy) : null;

        var waiting = Enumerable.Range(0, 3).Select(_ => backend.AllocateAsync(Guid.NewGuid())).ToArray();
        await Eventually.IsAsync("more tries", _ => Task.FromResult(cluster.Count("patch pods") > 3), Waits.Patient);
        Assert.Equal($"Cannot patch pods; retrying: {Policy}", Assert.Single(backend.Logs.Of(ObstacleMet)).Message);
        Assert.Equal([$"Cannot patch pods: {Policy}"], backend.Obstacles.Reasons);
        cluster.Refuse = _ => null;

        Assert.All(await Task.WhenAll(waiting), server => Assert.True(server.IsSuccess, server.Failure));
        Assert.Equal((0, 0), (cluster.Count("create pods"), cluster.Count("delete pods")));
        Assert.Empty(backend.Obstacles.Reasons);
    }

    /// <summary>Players connect to the pods' own addresses, so that a created pod needs no change.</summary>
    [Fact]
    public async Task While_claims_are_refused_matches_that_can_do_without_get_new_pods()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 2);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 2);
        cluster.Refuse = call => call == "patch pods" ? (422, "no changes before the weekend") : null;

        await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => backend.PlayAsync()));
        Assert.Equal((3, 0), (cluster.Count("create pods"), cluster.Count("delete pods")));
        await backend.WaitAsync(() => backend.Catalog.StandbyCount == 2);
        Assert.Single(backend.Logs.Of(ObstacleMet));

        cluster.Refuse = _ => null;
        await Eventually.IsAsync(
            "a pod of the pool", async _ => backend.Catalog.Get((await backend.PlayAsync()).Name)!.IsFromPool, Waits.Patient);
    }

    [Theory]
    [InlineData(404, 0)]
    [InlineData(503, 1)]
    public async Task A_pod_that_is_gone_or_that_cannot_be_claimed_now_is_no_warning_of_each_match(int status, int warnings)
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 3);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 3);
        cluster.Refuse = call => call is "patch pods" or "get pods" ? (status, "no") : null;

        var waiting = Enumerable.Range(0, 3).Select(_ => backend.AllocateAsync(Guid.NewGuid())).ToArray();
        var lines = await backend.Logs.WaitForAsync(NotClaimed, 3);
        cluster.Refuse = _ => null;

        Assert.All(await Task.WhenAll(waiting), server => Assert.True(server.IsSuccess, server.Failure));
        Assert.All(lines, line => Assert.Equal(LogLevel.Debug, line.Level));
        Assert.Equal(warnings, backend.Logs.Problems.Count);
    }

    [Theory]
    [InlineData(403, "services \"s\" is forbidden: exceeded quota: gamestack, requested: services.nodeports=1, used: 4, limited: 4")]
    [InlineData(500, "Internal error occurred: failed to allocate a nodePort: range is full")]
    public async Task A_Service_that_is_refused_pauses_all_matches_and_costs_no_pod(int status, string message)
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 4);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, GameServerExposure.NodePort, standby: 4);
        cluster.Refuse = call => call == "create services" ? (status, message) : null;

        var first = backend.AllocateAsync(Guid.NewGuid());
        await backend.Logs.WaitForAsync(ObstacleMet, 1);
        await TriesAsync(1); // The refusal has been logged before others wait for it.
        var others = Enumerable.Range(0, 5).Select(_ => backend.AllocateAsync(Guid.NewGuid())).ToArray();
        await TriesAsync(2);

        Assert.Equal(1, backend.Catalog.ClaimedCount);
        cluster.Refuse = _ => null;
        var servers = await Task.WhenAll([first, .. others]);
        Assert.All(servers, server => Assert.True(server.IsSuccess, server.Failure));
        Assert.Equal(6, servers.Select(server => server.Value!.Port).Distinct().Count());
        Assert.Equal(0, cluster.Count("delete pods"));
        Assert.Single(backend.Logs.Of(ObstacleMet));

        Task TriesAsync(int more)
        {
            var tries = cluster.Count("create services") + more;
            return Eventually.IsAsync($"{more} tries more", _ => Task.FromResult(cluster.Count("create services") >= tries), Waits.Patient);
        }
    }

    [Fact]
    public async Task Matches_that_wait_for_an_address_start_their_pods_side_by_side_once_there_are_addresses_again()
    {
        await using var cluster = await FakeCluster.StartAsync();
        await using var backend = await FakeClusterBackend.StartAsync(cluster, GameServerExposure.NodePort);
        cluster.Refuse = call => call == "create services" ? (403, "exceeded quota") : null;
        var first = backend.AllocateAsync(Guid.NewGuid());
        await backend.Logs.WaitForAsync(ObstacleMet, 1);
        await Eventually.IsAsync("a retry", _ => Task.FromResult(cluster.Count("create services") > 1), Waits.Patient);
        cluster.StartTime = TimeSpan.FromSeconds(5); // Twelve, one after the other, take longer than the 45 s of a try.
        var others = Enumerable.Range(0, 11).Select(_ => backend.AllocateAsync(Guid.NewGuid())).ToArray();

        cluster.Refuse = _ => null;
        var servers = await Task.WhenAll([first, .. others]);

        Assert.All(servers, server => Assert.True(server.IsSuccess, server.Failure));
        Assert.Equal(12, cluster.Count("create pods"));
    }

    [Fact]
    public async Task A_pod_whose_match_gets_no_Service_in_time_goes_back_to_standby()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(
            cluster, GameServerExposure.NodePort, standby: 1, timeout: TimeSpan.FromSeconds(5));
        cluster.Refuse = call => call == "create services" ? (403, "exceeded quota") : null;
        var match = Guid.NewGuid();
        var pod = Assert.Single(cluster.PodNames);

        Assert.False((await backend.AllocateAsync(match)).IsSuccess);

        Assert.Equal("standby", cluster.Label(pod, "pool"));
        Assert.Null(cluster.Label(pod, "session_id"));
        Assert.Null(cluster.Read(pod, "annotations", "gamestack/session"));
        Assert.Null(backend.Catalog.Find(match));
        await backend.Fleet.ClearAsync(match, TestContext.Current.CancellationToken);
        Assert.True(cluster.HasPod(pod));
    }

    [Fact]
    public async Task An_address_that_leads_nowhere_pauses_all_matches_and_costs_no_pod()
    {
        await using var cluster = await FakeCluster.StartAsync();
        var servers = new ConcurrentBag<StandInServer>();
        (cluster.LeadsNowhere, cluster.Prepare) = (_ => true, servers.Add);
        cluster.SetPool(4);
        await using var backend = await FakeClusterBackend.StartAsync(
            cluster, GameServerExposure.NodePort, standby: 4, timeout: TimeSpan.FromSeconds(80));

        var first = backend.AllocateAsync(Guid.NewGuid());
        var line = (await backend.Logs.WaitForAsync(ObstacleMet, 1))[0];
        var pod = Assert.Single(cluster.PodNames, name => cluster.Label(name, "pool") == "claimed");
        var others = Enumerable.Range(0, 20).Select(_ => backend.AllocateAsync(Guid.NewGuid())).ToArray();
        var asked = servers.Sum(server => server.Questions);
        await Eventually.IsAsync("more tries", _ => Task.FromResult(servers.Sum(server => server.Questions) > asked + 2), Waits.Patient);

        Assert.InRange(backend.Catalog.ClaimedCount, 1, 3);
        Assert.StartsWith(
            "Cannot reach game servers at the address of players: Pod ",
            Assert.Single(backend.Obstacles.Reasons),
            StringComparison.Ordinal);
        Assert.StartsWith(
            $"Cannot reach game servers at the address of players; retrying: Pod {pod} has its match, but does not answer there: "
            + "The game server did not answer on 127.0.0.1:",
            line.Message,
            StringComparison.Ordinal);
        cluster.LeadsNowhere = _ => false;
        cluster.Route();
        Assert.All(await Task.WhenAll([first, .. others]), server => Assert.True(server.IsSuccess, server.Failure));
        Assert.Equal(pod, (await first).Value!.Name);
        Assert.Equal(0, cluster.Count("delete pods"));
        Assert.Single(backend.Logs.Problems);
        Assert.Empty(backend.Obstacles.Reasons);
    }

    [Fact]
    public async Task A_match_that_nobody_reaches_in_time_says_so()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        cluster.LeadsNowhere = _ => true;
        await using var backend = await FakeClusterBackend.StartAsync(
            cluster, GameServerExposure.NodePort, standby: 1, timeout: TimeSpan.FromSeconds(8), routeTimeout: TimeSpan.FromSeconds(1));

        var allocation = await backend.AllocateAsync(Guid.NewGuid());

        Assert.StartsWith(
            "There was no game server within 8 s: The game server did not answer on 127.0.0.1:",
            allocation.Failure,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_match_that_alone_cannot_be_reached_holds_up_no_other_and_gets_another_pod()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 2);
        string? broken = null;
        cluster.LeadsNowhere = pod => (broken ??= pod) == pod;
        await using var backend = await FakeClusterBackend.StartAsync(
            cluster, GameServerExposure.NodePort, standby: 2, routeTimeout: TimeSpan.FromSeconds(10));
        var match = Guid.NewGuid();

        var first = backend.AllocateAsync(match);
        await Eventually.IsAsync(
            "its server", _ => Task.FromResult(broken is not null && cluster.ServerOf(broken).Match == match), Waits.Patient);
        await backend.PlayAsync();
        var failed = await first;
        await backend.Fleet.ClearAsync(match, TestContext.Current.CancellationToken);
        var server = await backend.PlayAsync(match);

        Assert.StartsWith("The game server did not answer on 127.0.0.1:", failed.Failure, StringComparison.Ordinal);
        Assert.NotEqual(broken, server.Name);
        Assert.Empty(backend.Logs.Of(ObstacleMet));
    }

    [Fact]
    public async Task Pods_that_are_cut_off_hold_up_no_match_that_gets_another_pod()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 4);
        var isCut = true;
        cluster.LeadsNowhere = _ => isCut;
        await using var backend = await FakeClusterBackend.StartAsync(
            cluster, GameServerExposure.NodePort, standby: 4, timeout: TimeSpan.FromSeconds(80), routeTimeout: TimeSpan.FromSeconds(1));
        var match = Guid.NewGuid();
        var first = backend.AllocateAsync(match);
        await backend.Logs.WaitForAsync(ObstacleMet, 1);
        isCut = false; // Its own pod stays cut off.

        await backend.PlayAsync();

        Assert.False((await first).IsSuccess);
        await backend.Fleet.ClearAsync(match, TestContext.Current.CancellationToken);
        await backend.PlayAsync(match);
        Assert.Empty(backend.Obstacles.Reasons);
    }

    [Theory]
    [InlineData(true, "The game server did not answer on its control port within 5 s.")]
    [InlineData(false, "The game server did not accept its session: UNKNOWN")]
    public async Task Servers_that_accept_no_match_pause_all_matches_and_cost_one_pod(bool isSilent, string reason)
    {
        await using var cluster = await FakeCluster.StartAsync();
        var servers = new ConcurrentBag<StandInServer>();
        cluster.Prepare = server =>
        {
            (server.IsSilent, server.IsRefusing) = (isSilent, !isSilent);
            servers.Add(server);
        };
        await using var backend = await FakeClusterBackend.StartAsync(
            cluster, timeout: TimeSpan.FromSeconds(80), patience: TimeSpan.FromSeconds(2));

        var alone = await backend.AllocateAsync(Guid.NewGuid());
        var second = backend.AllocateAsync(Guid.NewGuid());
        var line = (await backend.Logs.WaitForAsync(ObstacleMet, 1))[0];
        var others = Enumerable.Range(0, 20).Select(_ => backend.AllocateAsync(Guid.NewGuid())).ToArray();
        var calls = Calls();
        await Eventually.IsAsync("more tries", _ => Task.FromResult(Calls() > calls + 4), Waits.Patient);

        Assert.Equal(reason, alone.Failure);
        Assert.StartsWith("Cannot assign matches to game servers; retrying: Pod ", line.Message, StringComparison.Ordinal);
        Assert.EndsWith(reason, line.Message, StringComparison.Ordinal);
        Assert.Single(backend.Obstacles.Reasons);
        Assert.InRange(cluster.PodNames.Count, 2, 4);
        cluster.Prepare = _ => { };
        foreach (var server in servers)
        {
            (server.IsSilent, server.IsRefusing) = (false, false);
        }

        Assert.All(await Task.WhenAll([second, .. others]), server => Assert.True(server.IsSuccess, server.Failure));
        Assert.Equal(0, cluster.Count("delete pods"));
        Assert.Single(backend.Logs.Problems, problem => problem.EventId == ObstacleMet);
        Assert.Empty(backend.Obstacles.Reasons);

        int Calls() => servers.Sum(server => server.Calls);
    }

    [Fact]
    public async Task A_name_that_somebody_elses_Service_has_is_avoided()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, GameServerExposure.NodePort, standby: 1);
        cluster.AddService(Assert.Single(cluster.PodNames));

        var server = await backend.PlayAsync();

        Assert.NotEqual(9, server.Port);
        Assert.Equal(2, cluster.AllServices().Count);
    }

    [Fact]
    public async Task Servers_that_deny_are_not_claimed_and_one_line_says_that_the_keys_do_not_match()
    {
        await using var cluster = await FakeCluster.StartAsync();
        cluster.Prepare = server => server.IsDenying = true;
        cluster.SetPool(5);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 5);
        var before = cluster.PodNames;

        var waiting = Enumerable.Range(0, 10).Select(_ => backend.AllocateAsync(Guid.NewGuid())).ToArray();
        await backend.WaitAsync(() => backend.Catalog.RefusingCount == 5);
        await backend.Logs.WaitForAsync(ObstacleMet, 1);

        var line = Assert.Single(backend.Logs.Of(ObstacleMet));
        Assert.Contains("DENIED: its public key does not belong to this backend's private key", line.Message, StringComparison.Ordinal);
        Assert.Equal((0, 0, 0), (cluster.Count("patch pods"), cluster.Count("create pods"), cluster.Count("delete pods")));
        Assert.Equal(before, cluster.PodNames);

        cluster.Prepare = _ => { }; // The Deployment is restarted with the right key.
        foreach (var pod in before)
        {
            cluster.DeletePod(pod);
        }

        Assert.All(await Task.WhenAll(waiting), server => Assert.True(server.IsSuccess, server.Failure));
        Assert.Empty(backend.Obstacles.Reasons);
    }

    [Fact]
    public async Task One_server_that_denies_keeps_no_match_from_the_others_and_from_new_pods()
    {
        await using var cluster = await FakeCluster.StartAsync();
        var servers = 0;
        cluster.Prepare = server => server.IsDenying = Interlocked.Increment(ref servers) == 1;
        cluster.SetPool(2);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 2);
        cluster.MostPods = 4;

        await Task.WhenAll(backend.PlayAsync(), backend.PlayAsync(), backend.PlayAsync());

        Assert.Equal(4, cluster.PodNames.Count);
    }

    [Fact]
    public async Task A_pod_that_is_created_and_denies_is_the_only_one()
    {
        await using var cluster = await FakeCluster.StartAsync();
        cluster.Prepare = server => server.IsDenying = true;
        await using var backend = await FakeClusterBackend.StartAsync(cluster, timeout: TimeSpan.FromSeconds(10));

        var first = backend.AllocateAsync(Guid.NewGuid());
        await backend.WaitAsync(() => backend.Catalog.RefusingCount == 1);
        var others = Enumerable.Range(0, 5).Select(_ => backend.AllocateAsync(Guid.NewGuid())).ToArray();
        var allocations = await Task.WhenAll([first, .. others]);

        Assert.All(allocations, allocation => Assert.Contains("DENIED", allocation.Failure, StringComparison.Ordinal));
        Assert.Equal(1, cluster.Count("create pods"));
    }

    [Fact]
    public async Task A_claimed_pod_that_is_put_back_on_standby_is_neither_offered_nor_deleted_and_its_labels_are_repaired()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 1);
        var playing = await backend.PlayAsync();
        await backend.WaitAsync(() => backend.Catalog.StandbyCount == 1);
        cluster.SetPool(2);

        cluster.Edit(playing.Name, "labels", "pool", "standby");
        var second = await backend.PlayAsync();
        await backend.WatchAsync();

        Assert.NotEqual(playing.Name, second.Name);
        await Eventually.IsAsync("the label", _ => Task.FromResult(cluster.Label(playing.Name, "pool") == "claimed"), Waits.Patient);
        Assert.Equal(1, cluster.ServerOf(playing.Name).Assignments);
        Assert.Contains(playing, await backend.Fleet.ListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_standby_pod_whose_server_has_a_session_is_not_claimed()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 1);
        var pod = Assert.Single(cluster.PodNames);
        var match = Guid.NewGuid();
        cluster.ServerOf(pod).Assign(match);

        var server = await backend.PlayAsync();

        Assert.NotEqual(pod, server.Name);
        Assert.Equal(("claimed", $"{match}"), (cluster.Label(pod, "pool"), cluster.Label(pod, "session_id")));
        Assert.Null(cluster.Read(pod, "annotations", "gamestack/queue"));
        Assert.True(cluster.HasPod(pod));
    }

    [Fact]
    public async Task A_backend_whose_catalog_is_late_leaves_a_pod_alone_that_another_one_has_claimed()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var first = await FakeClusterBackend.StartAsync(cluster, standby: 1);
        var late = new TaskCompletionSource();
        cluster.Delay = call => call == "watch pods" ? late.Task : Task.CompletedTask;
        await using var second = await FakeClusterBackend.StartAsync(cluster, name: "backend-2", standby: 1);

        var playing = await first.PlayAsync();
        var other = second.AllocateAsync(Guid.NewGuid());
        await Eventually.IsAsync("another pod", _ => Task.FromResult(cluster.Count("create pods") > 0), Waits.Patient);
        late.SetResult();

        Assert.NotEqual(playing.Name, (await other).Value?.Name);
        Assert.Equal("default", cluster.Read(playing.Name, "annotations", "gamestack/queue"));
        Assert.Equal("backend-1", cluster.Read(playing.Name, "annotations", "gamestack/backend"));
        Assert.Empty(second.Logs.Of(PodRepaired));
    }

    [Fact]
    public async Task A_repair_does_not_undo_a_claim_that_comes_just_before_it()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 1);
        var (pod, match, isClaimed) = (Assert.Single(cluster.PodNames), Guid.NewGuid(), false);
        cluster.ServerOf(pod).Assign(match);
        cluster.Refuse = call =>
        {
            if (call == "patch pods" && !isClaimed)
            {
                isClaimed = true;
                cluster.Claim(pod, match, "ranked");
            }

            return null;
        };

        await backend.PlayAsync();

        Assert.Equal("ranked", cluster.Read(pod, "annotations", "gamestack/queue"));
        Assert.Empty(backend.Logs.Of(PodRepaired));
    }

    [Fact]
    public async Task A_claim_keeps_annotations_that_the_catalog_has_not_seen_yet()
    {
        await using var cluster = await FakeCluster.StartAsync();
        cluster.Annotations = null;
        cluster.SetPool(1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 1);
        var (pod, isAnnotated) = (Assert.Single(cluster.PodNames), false);
        cluster.Refuse = call =>
        {
            if (call == "patch pods" && !isAnnotated)
            {
                isAnnotated = true;
                cluster.Edit(pod, "annotations", "cni", "10.0.0.7");
            }

            return null;
        };

        var server = await backend.PlayAsync();

        Assert.Equal(pod, server.Name);
        Assert.Equal("10.0.0.7", cluster.Read(pod, "annotations", "cni"));
    }

    [Fact]
    public async Task A_pod_whose_server_gets_another_session_while_it_is_claimed_is_not_ended_under_its_players()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 1);
        var pod = Assert.Single(cluster.PodNames);
        var (known, match) = (Guid.NewGuid(), Guid.NewGuid());
        cluster.Refuse = call =>
        {
            if (call == "patch pods" && cluster.ServerOf(pod).Match is null)
            {
                cluster.ServerOf(pod).Assign(known);
            }

            return null;
        };

        var server = await backend.PlayAsync(match);
        await backend.Fleet.ClearAsync(match, TestContext.Current.CancellationToken);

        Assert.NotEqual(pod, server.Name);
        Assert.Equal(known, cluster.ServerOf(pod).Match);
        Assert.Equal($"{known}", cluster.Label(pod, "session_id"));
    }

    [Theory]
    [InlineData("labels", "pool")]
    [InlineData("labels", "session_id")]
    [InlineData("annotations", "gamestack/session")]
    [InlineData("annotations", "gamestack/queue")]
    [InlineData("annotations", "gamestack/address")]
    public async Task A_live_match_survives_that_any_label_or_annotation_of_its_pod_is_removed(string kind, string name)
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, GameServerExposure.NodePort, standby: 1);
        var server = await backend.PlayAsync();

        cluster.Edit(server.Name, kind, name, null);
        var isListed = (await backend.Fleet.ListAsync(TestContext.Current.CancellationToken)).Contains(server);
        var isGone = !isListed && await backend.Fleet.IsGoneAsync(server, ServerOwner.ThisBackend, TestContext.Current.CancellationToken);

        Assert.False(isGone);
        Assert.Equal([server], await backend.Fleet.ListAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("gamestack/backend", "backend-1")]
    [InlineData("gamestack/restarts", "0")]
    [InlineData("gamestack/ticket-keys", "")]
    public async Task An_annotation_of_a_claim_that_is_removed_is_restored_by_any_backend_that_has_seen_it(string name, string value)
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 1);
        await using var other = await FakeClusterBackend.StartAsync(cluster, name: "backend-2");
        var server = await backend.PlayAsync();
        await other.WaitAsync(() => other.Catalog.Find(server.MatchId) is not null);
        Assert.Equal(value, cluster.Read(server.Name, "annotations", name));

        cluster.Edit(server.Name, "annotations", name, null);
        await other.WatchAsync();
        await backend.WatchAsync();
        await Eventually.IsAsync(
            "the annotation", _ => Task.FromResult(cluster.Read(server.Name, "annotations", name) == value), Waits.Patient);
        var rounds = cluster.Count("list pods");
        await Eventually.IsAsync("more rounds", _ => Task.FromResult(cluster.Count("list pods") > rounds + 10), Waits.Patient);

        Assert.Equal(1, backend.Logs.Of(PodRepaired).Count + other.Logs.Of(PodRepaired).Count);
        Assert.Equal([server], await backend.Fleet.ListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_backend_that_has_not_seen_who_claimed_a_pod_looks_after_it_itself()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 1);
        var server = await backend.PlayAsync();
        foreach (var name in new[] { "gamestack/backend", "gamestack/restarts", "gamestack/ticket-keys" })
        {
            cluster.Edit(server.Name, "annotations", name, null);
        }

        await using var fresh = await FakeClusterBackend.StartAsync(cluster, name: "backend-2");
        await fresh.WatchAsync();
        await Eventually.IsAsync(
            "an owner", _ => Task.FromResult(cluster.Read(server.Name, "annotations", "gamestack/backend") == "backend-2"), Waits.Patient);
        var rounds = cluster.Count("list pods");
        await Eventually.IsAsync("more rounds", _ => Task.FromResult(cluster.Count("list pods") > rounds + 5), Waits.Patient);

        Assert.Equal("0", cluster.Read(server.Name, "annotations", "gamestack/restarts"));
        Assert.Single(fresh.Logs.Of(PodRepaired));
    }

    [Fact]
    public async Task A_match_whose_server_is_restarted_ends_although_somebody_has_removed_the_number_of_restarts()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 1);
        var server = await backend.PlayAsync();
        await using var exits = backend.Fleet.WatchExitsAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(
            TestContext.Current.CancellationToken);

        cluster.Edit(server.Name, "annotations", "gamestack/restarts", null);
        cluster.Restart(server.Name);
        await backend.WatchAsync();

        Assert.True(await exits.MoveNextAsync().AsTask().WaitAsync(Waits.Patient, TestContext.Current.CancellationToken));
        Assert.Equal(server, exits.Current);
    }

    [Fact]
    public async Task A_live_match_survives_that_its_pod_is_stripped_or_given_to_another_queue()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 1);
        var server = await backend.PlayAsync();

        cluster.Edit(server.Name, "labels", "session_id", null);
        cluster.Edit(server.Name, "annotations", "gamestack/session", null);
        cluster.Edit(server.Name, "annotations", "gamestack/backend", null);
        cluster.Edit(server.Name, "annotations", "gamestack/queue", "ranked");
        Assert.Empty(await backend.Fleet.ListAsync(TestContext.Current.CancellationToken));
        Assert.False(await backend.Fleet.IsGoneAsync(server, ServerOwner.ThisBackend, TestContext.Current.CancellationToken));

        Assert.Equal([server], await backend.Fleet.ListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_pod_that_is_gone_or_has_no_session_is_gone()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 1);
        var pod = Assert.Single(cluster.PodNames);
        var token = TestContext.Current.CancellationToken;

        Assert.True(await backend.Fleet.IsGoneAsync(new(Guid.NewGuid(), "none", "127.0.0.1", 1), ServerOwner.ThisBackend, token));
        Assert.True(await backend.Fleet.IsGoneAsync(new(Guid.NewGuid(), pod, "127.0.0.1", 1), ServerOwner.ThisBackend, token));
        cluster.Refuse = _ => (500, "etcd is gone");
        Assert.False(await backend.Fleet.IsGoneAsync(new(Guid.NewGuid(), pod, "127.0.0.1", 1), ServerOwner.ThisBackend, token));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_backend_whose_catalog_is_late_ends_a_pod_that_another_one_has_claimed(bool isKnownByName)
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var first = await FakeClusterBackend.StartAsync(cluster, standby: 1);
        var late = new TaskCompletionSource();
        cluster.Delay = call => call == "watch pods" ? late.Task : Task.CompletedTask;
        await using var second = await FakeClusterBackend.StartAsync(cluster, name: "backend-2", standby: 1);
        var server = await first.PlayAsync();

        await (isKnownByName
            ? second.Fleet.EndAsync(server, TestContext.Current.CancellationToken)
            : second.Fleet.EndAsync(server.MatchId, TestContext.Current.CancellationToken));
        late.SetResult();

        Assert.False(cluster.HasPod(server.Name));
    }

    [Fact]
    public async Task A_server_that_does_not_answer_once_is_not_gone()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 1);
        var server = await backend.PlayAsync();

        cluster.Edit(server.Name, "annotations", "gamestack/queue", null);
        cluster.ServerOf(server.Name).CloseControlPort();

        Assert.Empty(await backend.Fleet.ListAsync(TestContext.Current.CancellationToken));
        Assert.False(await backend.Fleet.IsGoneAsync(server, ServerOwner.ThisBackend, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_pod_that_is_set_aside_ends_its_match_and_stays()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 1);
        await backend.WatchAsync();
        var server = await backend.PlayAsync();
        await using var exits = backend.Fleet.WatchExitsAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(
            TestContext.Current.CancellationToken);

        cluster.Edit(server.Name, "labels", "pool", "debug");

        Assert.True(await exits.MoveNextAsync());
        Assert.Equal(server, exits.Current);
        await backend.Fleet.EndAsync(server.MatchId, TestContext.Current.CancellationToken);
        Assert.True(cluster.HasPod(server.Name));
        Assert.Empty(await backend.Fleet.ListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_pod_that_is_set_aside_stays_when_its_match_needs_another_one()
    {
        await using var cluster = await FakeCluster.StartAsync();
        await using var backend = await FakeClusterBackend.StartAsync(cluster);
        var first = await backend.PlayAsync();
        cluster.Edit(first.Name, "labels", "pool", "debug");
        await backend.WaitAsync(() => backend.Catalog.Get(first.Name) is { IsSetAside: true });

        var second = await backend.PlayAsync(first.MatchId);

        Assert.NotEqual(first.Name, second.Name);
        Assert.True(cluster.HasPod(first.Name));
        Assert.Equal(0, cluster.Count("delete pods"));
    }

    [Fact]
    public async Task A_pod_that_is_slow_to_delete_does_not_hold_back_the_news_of_another()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 2);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 2);
        var token = TestContext.Current.CancellationToken;
        var (first, second) = (await backend.PlayAsync(), await backend.PlayAsync());
        var slow = new TaskCompletionSource();
        cluster.Delay = call => call == "delete pods" ? slow.Task : Task.CompletedTask;
        await using var exits = backend.Fleet.WatchExitsAsync(token).GetAsyncEnumerator(token);

        cluster.DeletePod(first.Name);
        Assert.True(await exits.MoveNextAsync());
        Assert.Equal(first, exits.Current);
        await Eventually.IsAsync("the first delete", _ => Task.FromResult(cluster.Count("delete pods") > 0), Waits.Patient);
        cluster.DeletePod(second.Name);

        Assert.True(await exits.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), token)); // A delete is tried for 25 s.
        Assert.Equal(second, exits.Current);
        slow.SetResult();
        await Eventually.IsAsync("the second delete", _ => Task.FromResult(cluster.Count("delete pods") > 1), Waits.Patient);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_second_pod_of_a_match_is_ended_only_if_its_server_has_no_session(bool hasSession)
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 2);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 2);
        var token = TestContext.Current.CancellationToken;
        var played = await backend.PlayAsync();
        await backend.WaitAsync(() => backend.Catalog.StandbyCount == 2);
        var second = cluster.PodNames.First(pod => cluster.Label(pod, "pool") == "standby");
        foreach (var name in new[] { "gamestack/session", "gamestack/backend", "gamestack/queue" })
        {
            cluster.Edit(second, "annotations", name, cluster.Read(played.Name, "annotations", name));
        }

        cluster.Edit(second, "labels", "pool", "claimed");
        await backend.WaitAsync(() => backend.Catalog.Get(second)?.MatchId == played.MatchId);

        var stray = Assert.Single(await backend.Fleet.ListAsync(token), server => server.Name == second);
        if (hasSession)
        {
            cluster.ServerOf(second).Assign(played.MatchId);
        }

        Assert.Equal(!hasSession, await backend.Fleet.EndUnusedAsync(stray, token));
        Assert.Equal(hasSession, cluster.HasPod(second));
        Assert.False(await backend.Fleet.EndUnusedAsync(played, token));
        Assert.True(cluster.HasPod(played.Name));
    }

    [Theory]
    [InlineData("deleted")]
    [InlineData("selector")]
    [InlineData("label")]
    [InlineData("owner")]
    [InlineData("label and owner")]
    [InlineData("other owner and selector")]
    [InlineData("protocol")]
    [InlineData("traffic policy")]
    [InlineData("unready pods")]
    public async Task A_Service_that_is_deleted_or_changed_leads_to_its_pod_again_on_the_same_port(string what)
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, GameServerExposure.NodePort, standby: 1);
        var server = await backend.PlayAsync();
        await backend.WatchAsync();

        cluster.EditService(server.Name, what switch
        {
            "deleted" => null,
            "selector" => service => service["spec"]!["selector"]!["app"] = "something else",
            "other owner and selector" => GiveAway,
            "protocol" => service => service["spec"]!["ports"]![0]!["protocol"] = "UDP",
            "traffic policy" => service => service["spec"]!["externalTrafficPolicy"] = "Local",
            "unready pods" => service => ((JsonObject)service["spec"]!).Remove("publishNotReadyAddresses"),
            _ => service => Strip(service, what),
        });
        await backend.Logs.WaitForAsync(462, 1);
        var rounds = cluster.Count("list services");
        await Eventually.IsAsync("more rounds", _ => Task.FromResult(cluster.Count("list services") > rounds + 5), Waits.Patient);

        Assert.Single(backend.Logs.Of(462));
        var service = Assert.Single(cluster.AllServices());
        Assert.Equal(server.Port, (int)service["spec"]!["ports"]![0]!["nodePort"]!);
        Assert.Equal("TCP", (string?)service["spec"]!["ports"]![0]!["protocol"]);
        Assert.Equal("Cluster", (string?)service["spec"]!["externalTrafficPolicy"]);
        Assert.True((bool?)service["spec"]!["publishNotReadyAddresses"]);
        Assert.Equal("game-server", (string?)service["spec"]!["selector"]!["app"]);
        Assert.Equal("game-server", (string?)service["metadata"]!["labels"]!["app"]);
        Assert.Contains(server.Name, service["metadata"]!["ownerReferences"]!.AsArray().Select(owner => (string?)owner!["name"]));
        Assert.True(cluster.HasPod(server.Name));
        Assert.Null(await new GamePortClient(server.Host, server.Port).CheckOpenAsync(TestContext.Current.CancellationToken));
    }

    private static void GiveAway(JsonObject service)
    {
        service["metadata"]!["ownerReferences"]![0]!["uid"] = "somebody-else";
        service["metadata"]!["ownerReferences"]![0]!["name"] = "somebody-else";
        service["spec"]!["selector"]!["gamestack/pod"] = "another-pod";
    }

    private static void Strip(JsonObject service, string what)
    {
        if (what.Contains("label", StringComparison.Ordinal))
        {
            ((JsonObject)service["metadata"]!["labels"]!).Remove("app");
        }

        if (what.Contains("owner", StringComparison.Ordinal))
        {
            ((JsonObject)service["metadata"]!).Remove("ownerReferences");
        }
    }

    [Fact]
    public async Task A_match_behind_the_gateway_plays_without_a_Service()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, GameServerExposure.Gateway, standby: 1);
        var server = await backend.PlayAsync();
        Assert.Equal(("gateway.example.com", 7777), (server.Host, server.Port));

        var rounds = cluster.Count("list pods");
        await backend.WatchAsync();
        await Eventually.IsAsync("more rounds", _ => Task.FromResult(cluster.Count("list pods") > rounds + 5), Waits.Patient);

        Assert.Empty(cluster.AllServices());
        Assert.Equal([server], await backend.Fleet.ListAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_match_behind_the_gateway_gets_back_an_annotation_that_says_so()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, GameServerExposure.Gateway, standby: 1);
        var server = await backend.PlayAsync();

        cluster.Edit(server.Name, "annotations", "gamestack/gateway", null);
        await backend.WatchAsync();
        await Eventually.IsAsync(
            "the annotation", _ => Task.FromResult(cluster.Read(server.Name, "annotations", "gamestack/gateway") == "true"), Waits.Patient);

        Assert.Equal(0, cluster.Count("create services"));
        Assert.True(cluster.HasPod(server.Name));
    }

    [Fact]
    public async Task A_Service_keeps_its_port_when_somebody_edits_the_address_on_its_pod()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, GameServerExposure.NodePort, standby: 1);
        var server = await backend.PlayAsync();
        await backend.WatchAsync();
        await Eventually.IsAsync("a round", _ => Task.FromResult(cluster.Count("list services") > 1), Waits.Patient);

        cluster.Edit(server.Name, "annotations", "gamestack/address", "127.0.0.1:30999");
        await backend.WaitAsync(() => backend.Catalog.Get(server.Name)?.Address?.Port == 30999);
        var rounds = cluster.Count("list pods");
        await Eventually.IsAsync("more rounds", _ => Task.FromResult(cluster.Count("list pods") > rounds + 5), Waits.Patient);

        Assert.Equal(server.Port, (int)Assert.Single(cluster.AllServices())["spec"]!["ports"]![0]!["nodePort"]!);
        Assert.Equal(0, cluster.Count("patch services"));
    }

    [Fact]
    public async Task The_checks_go_on_when_somebody_makes_the_address_of_a_pod_one_that_cannot_be_tried()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, GameServerExposure.NodePort, standby: 1);
        var server = await backend.PlayAsync();
        cluster.ServerOf(server.Name).IsRunning = true;

        cluster.Edit(server.Name, "annotations", "gamestack/address", "127.0.0.1:99999");
        await backend.WaitAsync(() => backend.Catalog.Get(server.Name)?.Address is null);
        await backend.WatchAsync();
        await Eventually.IsAsync("rounds", _ => Task.FromResult(cluster.Count("list pods") > 5), Waits.Patient);

        Assert.Empty(backend.Logs.Problems);
        Assert.False(await backend.Fleet.IsGoneAsync(server, ServerOwner.ThisBackend, TestContext.Current.CancellationToken));
        Assert.Equal($"{server.Host}:{server.Port}", cluster.Read(server.Name, "annotations", "gamestack/address"));
    }

    [Fact]
    public async Task A_match_whose_port_somebody_else_has_taken_is_ended_with_the_reason()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, GameServerExposure.NodePort, standby: 1);
        var server = await backend.PlayAsync();
        await backend.WatchAsync();
        cluster.Refuse = call => call == "create services" ? (422, "spec.ports[0].nodePort: provided port is already allocated") : null;

        cluster.EditService(server.Name, edit: null);
        var ending = (await backend.Logs.WaitForAsync(456, 1))[0];

        Assert.Contains("Its Service is gone", ending.Message, StringComparison.Ordinal);
        Assert.Contains("already allocated", ending.Message, StringComparison.Ordinal);
        await Eventually.IsAsync("the pod's end", _ => Task.FromResult(!cluster.HasPod(server.Name)), Waits.Patient);
    }

    /// <summary>Whether it leads to pods that are not ready matters only until its pod is.</summary>
    [Fact]
    public async Task A_match_whose_edited_Service_may_not_be_corrected_goes_on_while_players_reach_it()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, GameServerExposure.NodePort, standby: 1);
        var server = await backend.PlayAsync();
        cluster.Refuse = call => call == "patch services" ? (403, "a policy does not allow this") : null;
        cluster.EditService(server.Name, service => service["spec"]!["publishNotReadyAddresses"] = false);

        await backend.WatchAsync();
        await Eventually.IsAsync("tries", _ => Task.FromResult(cluster.Count("patch services") > 5), Waits.Patient);

        Assert.Equal(["Cannot patch services: a policy does not allow this"], backend.Obstacles.Reasons);
        Assert.Equal(0, cluster.Count("delete pods"));
        Assert.NotNull(backend.Catalog.Find(server.MatchId));
    }

    /// <summary>A policy refuses with the status of a port that somebody else has.</summary>
    [Fact]
    public async Task A_match_whose_Service_a_policy_refuses_is_not_ended_at_once()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, GameServerExposure.NodePort, standby: 1);
        var server = await backend.PlayAsync();
        cluster.Refuse = call => call == "create services" && cluster.Count(call) == 2 // The first one was at the start of the match.
            ? (422, "services \"s\" is forbidden: a policy denied request")
            : null;
        cluster.EditService(server.Name, edit: null);

        await backend.WatchAsync();
        await backend.Logs.WaitForAsync(ObstacleMet, 1);

        await backend.Logs.WaitForAsync(RouteRepaired, 1);
        Assert.Equal(0, cluster.Count("delete pods"));
    }

    [Fact]
    public async Task A_match_whose_address_no_longer_answers_is_ended_with_the_reason()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 2);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 2);
        var (broken, sound) = (await backend.PlayAsync(), await backend.PlayAsync());
        cluster.ServerOf(broken.Name).IsRunning = cluster.ServerOf(sound.Name).IsRunning = true;
        await backend.WatchAsync();

        cluster.ServerOf(broken.Name).CloseGamePort();
        var ending = (await backend.Logs.WaitForAsync(456, 1))[0];

        Assert.Contains($"Players cannot reach it at 127.0.0.1:{broken.Port}", ending.Message, StringComparison.Ordinal);
        Assert.True(cluster.HasPod(sound.Name));
    }

    [Fact]
    public async Task A_match_whose_address_no_longer_answers_is_ended_if_that_of_an_open_match_does()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 2);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 2);
        var (broken, open) = (await backend.PlayAsync(), await backend.PlayAsync());
        cluster.ServerOf(broken.Name).IsRunning = true;
        cluster.ServerOf(broken.Name).CloseGamePort();

        await backend.WatchAsync();
        await backend.Logs.WaitForAsync(456, 1);

        await Eventually.IsAsync("its end", _ => Task.FromResult(!cluster.HasPod(broken.Name)), Waits.Patient);
        Assert.True(cluster.HasPod(open.Name));
        Assert.Empty(backend.Logs.Of(463));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_backend_that_reaches_no_address_at_all_ends_no_match(int matches)
    {
        await using var cluster = await FakeCluster.StartAsync(pool: matches);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: matches);
        var servers = await Task.WhenAll(Enumerable.Range(0, matches).Select(_ => backend.PlayAsync()));
        foreach (var server in servers)
        {
            cluster.ServerOf(server.Name).IsRunning = true;
            cluster.ServerOf(server.Name).CloseGamePort();
        }

        await backend.WatchAsync();
        await backend.Logs.WaitForAsync(463, 1);
        var rounds = cluster.Count("list pods");
        await Eventually.IsAsync("more rounds", _ => Task.FromResult(cluster.Count("list pods") > rounds + 5), Waits.Patient);

        Assert.All(servers, server => Assert.True(cluster.HasPod(server.Name)));
        Assert.Single(backend.Logs.Of(463));
    }

    [Fact]
    public async Task A_backend_that_no_server_answers_ends_no_match()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 2);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 2);
        var server = await backend.PlayAsync();
        await backend.WaitAsync(() => backend.Catalog.StandbyCount == 2);
        foreach (var pod in cluster.PodNames)
        {
            Close(cluster.ServerOf(pod));
        }

        await backend.WatchAsync();
        await backend.Logs.WaitForAsync(466, 1);
        var rounds = cluster.Count("list pods");
        await Eventually.IsAsync("more rounds", _ => Task.FromResult(cluster.Count("list pods") > rounds + 5), Waits.Patient);

        Assert.True(cluster.HasPod(server.Name));
        Assert.Single(backend.Logs.Of(466));
    }

    [Fact]
    public async Task A_server_that_answers_nobody_is_ended_while_another_one_answers()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 1);
        var server = await backend.PlayAsync();
        await backend.WaitAsync(() => backend.Catalog.StandbyCount == 1);
        Close(cluster.ServerOf(server.Name));

        await backend.WatchAsync();
        var ending = (await backend.Logs.WaitForAsync(456, 1))[0];

        Assert.Contains("It did not answer 3 times in a row.", ending.Message, StringComparison.Ordinal);
        Assert.Empty(backend.Logs.Of(466));
    }

    [Fact]
    public async Task The_match_of_a_server_that_hangs_ends_although_its_pod_cannot_be_deleted()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 1);
        var server = await backend.PlayAsync();
        await backend.WaitAsync(() => backend.Catalog.StandbyCount == 1);
        cluster.Refuse = call => call == "delete pods" ? (422, "nothing is deleted before the weekend") : null;
        Close(cluster.ServerOf(server.Name));

        var token = TestContext.Current.CancellationToken;
        await using var exits = backend.Fleet.WatchExitsAsync(token).GetAsyncEnumerator(token);
        await backend.WatchAsync();

        Assert.True(await exits.MoveNextAsync().AsTask().WaitAsync(Waits.Patient, token));
        Assert.Equal(server.MatchId, exits.Current.MatchId);
        Assert.True(cluster.HasPod(server.Name));
    }

    [Fact]
    public async Task While_pods_cannot_be_listed_none_is_created_and_a_match_says_why()
    {
        await using var cluster = await FakeCluster.StartAsync();
        await using var hurried = await FakeClusterBackend.StartAsync(cluster, timeout: TimeSpan.FromSeconds(5));
        await using var patient = await FakeClusterBackend.StartAsync(cluster, name: "backend-2");
        hurried.Catalog.SetStale("nobody may list pods");
        patient.Catalog.SetStale("nobody may list pods");

        var waiting = patient.AllocateAsync(Guid.NewGuid());
        var refused = await hurried.AllocateAsync(Guid.NewGuid());
        Assert.EndsWith(": nobody may list pods", refused.Failure, StringComparison.Ordinal);
        Assert.Equal(0, cluster.Count("create pods"));

        patient.Catalog.Replace([], patient.Catalog.Changes);
        Assert.True((await waiting).IsSuccess);
    }

    [Fact]
    public async Task Two_queues_share_the_pool_and_see_only_their_own_matches()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 2);
        await using var ranked = await FakeClusterBackend.StartAsync(cluster, queue: "ranked", name: "backend-r", standby: 2);
        await using var casual = await FakeClusterBackend.StartAsync(cluster, queue: "casual", name: "backend-c", standby: 2);
        await ranked.WatchAsync();
        await casual.WatchAsync();
        var token = TestContext.Current.CancellationToken;

        var servers = await Task.WhenAll(ranked.PlayAsync(), casual.PlayAsync(), ranked.PlayAsync(), casual.PlayAsync());
        await casual.WaitAsync(() => casual.Catalog.StandbyCount == 2 && casual.Catalog.ClaimedCount == 2);

        Assert.Equal(4, servers.Select(server => server.Name).Distinct().Count());
        Assert.Equal([servers[0], servers[2]], (await ranked.Fleet.ListAsync(token)).OrderBy(server => Array.IndexOf(servers, server)));
        Assert.Equal([servers[1], servers[3]], (await casual.Fleet.ListAsync(token)).OrderBy(server => Array.IndexOf(servers, server)));
        await casual.Fleet.EndAsync(servers[0].MatchId, token);
        await casual.Fleet.EndAsync(servers[0], token);
        Assert.True(cluster.HasPod(servers[0].Name));
        await ranked.Fleet.EndAsync(servers[0].MatchId, token);
        Assert.False(cluster.HasPod(servers[0].Name));
    }

    [Fact]
    public async Task A_burst_creates_one_pod_for_each_match_that_the_pool_has_none_for_however_slowly_they_start()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 10);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, GameServerExposure.NodePort, standby: 10);
        cluster.StartTime = TimeSpan.FromSeconds(1);

        var servers = await Task.WhenAll(Enumerable.Range(0, 60).Select(_ => backend.PlayAsync()));

        Assert.Equal(60, servers.Select(server => (server.Name, server.Port)).Distinct().Count());
        Assert.InRange(cluster.Count("create pods"), 40, 50);
        Assert.Equal(0, cluster.Count("delete pods"));
        Assert.All(servers, server => Assert.Equal(server.MatchId, cluster.ServerOf(server.Name).Match));
    }

    [Fact]
    public async Task A_pod_that_is_still_starting_when_a_try_is_over_serves_the_next_try()
    {
        await using var cluster = await FakeCluster.StartAsync();
        var mayStart = new TaskCompletionSource();
        cluster.MayStart = mayStart.Task;
        await using var backend = await FakeClusterBackend.StartAsync(cluster, timeout: TimeSpan.FromSeconds(5));
        var match = Guid.NewGuid();

        Assert.False((await backend.AllocateAsync(match)).IsSuccess);
        await backend.Fleet.ClearAsync(match, TestContext.Current.CancellationToken);
        var playing = backend.PlayAsync(match);
        mayStart.SetResult();
        await playing;

        Assert.Equal((1, 0), (cluster.Count("create pods"), cluster.Count("delete pods")));
    }

    [Fact]
    public async Task A_pod_that_starts_in_no_try_is_given_up_after_two()
    {
        await using var cluster = await FakeCluster.StartAsync();
        cluster.StartTime = TimeSpan.FromHours(1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, timeout: TimeSpan.FromSeconds(6));
        var match = Guid.NewGuid();

        Assert.False((await backend.AllocateAsync(match)).IsSuccess);
        Assert.False((await backend.AllocateAsync(match)).IsSuccess);
        await backend.Fleet.ClearAsync(match, TestContext.Current.CancellationToken);

        Assert.Empty(cluster.PodNames);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_match_whose_own_pod_does_not_start_takes_one_that_goes_on_standby(bool fitsOnNoNode)
    {
        await using var cluster = await FakeCluster.StartAsync();
        cluster.StatusOfCreated = fitsOnNoNode ? FitsOnNoNode : Status("""{"phase":"Pending"}""");
        await using var backend = await FakeClusterBackend.StartAsync(cluster);
        var match = Guid.NewGuid();

        var waiting = backend.AllocateAsync(match);
        await backend.WaitAsync(() => backend.Catalog.Find(match)?.IsUnschedulable == fitsOnNoNode);
        cluster.SetPool(1);

        Assert.StartsWith("game-server-5f6d-", (await waiting).Value?.Name, StringComparison.Ordinal);
        Assert.Equal((1, 1), (cluster.Count("create pods"), cluster.Count("delete pods")));
        Assert.Equal(2, cluster.PodNames.Count);
    }

    [Theory]
    [InlineData(
        """
        {"phase":"Failed","containerStatuses":[{"name":"game-server","restartCount":0,
            "state":{"terminated":{"exitCode":78,"reason":"Error"}}}]}
        """,
        "exit code 78")]
    [InlineData(
        """
        {"phase":"Failed","containerStatuses":[{"name":"game-server","restartCount":0,
            "state":{"terminated":{"exitCode":128,"reason":"StartError","message":"no program\nat all"}}}]}
        """,
        "StartError: no program)")]
    [InlineData(
        """
        {"phase":"Pending","containerStatuses":[{"name":"game-server","restartCount":0,
            "state":{"waiting":{"reason":"ImagePullBackOff","message":"no such image"}}}]}
        """,
        "no such image")]
    [InlineData(
        """
        {"phase":"Pending","containerStatuses":[{"name":"game-server","restartCount":0,
            "state":{"waiting":{"reason":"CreateContainerConfigError","message":"secret \"game\" not found"}}}]}
        """,
        "CreateContainerConfigError: secret \"game\" not found")]
    [InlineData(
        """{"phase":"Failed","reason":"OutOfcpu","message":"Pod was rejected: requested: 500, used: {0}, capacity: 2000"}""",
        "OutOfcpu: Pod was rejected")]
    public async Task Pods_that_fail_before_they_start_are_created_one_at_a_time_until_one_starts(string status, string reason)
    {
        await using var cluster = await FakeCluster.StartAsync();
        cluster.StatusOfCreated = Status(status);
        await using var backend = await FakeClusterBackend.StartAsync(cluster);
        var first = backend.AllocateAsync(Guid.NewGuid());
        await backend.Logs.WaitForAsync(ObstacleMet, 1);
        await Eventually.IsAsync("its end", _ => Task.FromResult(cluster.Count("delete pods") > 0), Waits.Patient);

        var others = Enumerable.Range(0, 20).Select(_ => backend.AllocateAsync(Guid.NewGuid())).ToArray();
        await Task.Delay(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.InRange(cluster.Count("create pods"), 2, 10); // At most five tries, some of which need the name of a failed pod.
        cluster.StatusOfCreated = null;
        var servers = await Task.WhenAll([first, .. others]);

        Assert.All(servers, server => Assert.True(server.IsSuccess, server.Failure));
        var line = Assert.Single(backend.Logs.Of(ObstacleMet)).Message;
        Assert.StartsWith("Cannot start game servers; retrying: ", line, StringComparison.Ordinal);
        Assert.Contains(reason, line, StringComparison.Ordinal);
        Assert.Empty(backend.Obstacles.Reasons);
    }

    [Fact]
    public async Task While_pods_cannot_be_deleted_each_match_that_is_over_is_logged_once()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 5);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 5);
        var servers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => backend.PlayAsync()));
        cluster.Refuse = call => call == "delete pods"
            ? (403, $"pods \"{servers[cluster.Count(call) % 5].Name}\" is forbidden: User \"backend\" cannot delete resource \"pods\"")
            : null;
        foreach (var server in servers[..3])
        {
            cluster.Restart(server.Name);
        }

        foreach (var server in servers[3..])
        {
            cluster.ServerOf(server.Name).CloseControlPort();
            cluster.ServerOf(server.Name).CloseGamePort();
        }

        await backend.WatchAsync();
        await backend.Logs.WaitForAsync(456, 2);
        var deletes = cluster.Count("delete pods");
        await Eventually.IsAsync("more rounds", _ => Task.FromResult(cluster.Count("delete pods") > deletes + 50), Waits.Patient);

        Assert.InRange(backend.Logs.Problems.Count, 3, 6);
    }

    [Fact]
    public async Task A_standby_pod_that_is_silent_is_offered_again_when_it_answers_and_logged_once()
    {
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, standby: 1, patience: TimeSpan.FromSeconds(2));
        var server = cluster.ServerOf(Assert.Single(cluster.PodNames));
        server.IsSilent = true;

        await backend.PlayAsync();
        Assert.Equal(1, server.Calls);
        await Eventually.IsAsync("another call", _ => Task.FromResult(server.Calls > 1), Waits.Patient);
        Assert.Equal(0, backend.Catalog.StandbyCount);

        server.IsSilent = false;
        await backend.WaitAsync(() => backend.Catalog.StandbyCount == 1);
        Assert.Single(backend.Logs.Of(460));
    }

    [Theory]
    [InlineData(false, "203.0.113.9:9999", null)]
    [InlineData(false, "203.0.113.9:99999", "true")]
    [InlineData(true, "203.0.113.9:9999", "false")]
    public async Task An_address_that_somebody_has_written_on_a_standby_pod_is_told_to_nobody(
        bool isBehindGateway, string address, string? gateway)
    {
        var exposure = isBehindGateway ? GameServerExposure.Gateway : GameServerExposure.NodePort;
        await using var cluster = await FakeCluster.StartAsync(pool: 1);
        var pod = Assert.Single(cluster.PodNames);
        cluster.Edit(pod, "annotations", "gamestack/address", address);
        cluster.Edit(pod, "annotations", "gamestack/gateway", gateway);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, exposure, standby: 1);

        var server = await backend.PlayAsync();

        Assert.Equal(pod, server.Name);
        Assert.NotEqual("203.0.113.9", server.Host);
        Assert.Equal($"{server.Host}:{server.Port}", cluster.Read(pod, "annotations", "gamestack/address"));
        Assert.Equal(isBehindGateway ? "true" : null, cluster.Read(pod, "annotations", "gamestack/gateway"));
    }

    [Theory]
    [InlineData(
        """{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","message":"0/3 nodes are available."}]}""",
        "0/3 nodes are available.")]
    [InlineData(
        """
        {"phase":"Pending","containerStatuses":[{"name":"game-server","restartCount":0,
            "state":{"waiting":{"reason":"CreateContainerConfigError","message":"configmap not found"}}}]}
        """,
        "CreateContainerConfigError: configmap not found")]
    public async Task A_match_whose_pod_does_not_start_in_time_says_what_it_waits_for(string status, string why)
    {
        await using var cluster = await FakeCluster.StartAsync();
        cluster.StatusOfCreated = Status(status);
        await using var backend = await FakeClusterBackend.StartAsync(cluster, timeout: TimeSpan.FromSeconds(6));

        var allocation = await backend.AllocateAsync(Guid.NewGuid());

        Assert.Equal($"There was no game server within 6 s: Pod {cluster.PodNames[0]} has not started: {why}", allocation.Failure);
    }

    private static void Close(StandInServer server)
    {
        server.CloseControlPort();
        server.CloseGamePort();
    }

    private static JsonObject Status(string json) => (JsonObject)JsonNode.Parse(json)!;
}
