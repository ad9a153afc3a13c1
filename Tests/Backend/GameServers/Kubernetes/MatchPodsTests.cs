using System.Diagnostics.Metrics;
using GameStack.Backend;
using GameStack.Backend.GameServers;
using GameStack.Backend.GameServers.Kubernetes;
using GameStack.Backend.Tickets;
using GameStack.Tests.Backend.Tickets;
using GameStack.Tests.Support;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace GameStack.Tests.Backend.GameServers.Kubernetes;

public sealed class MatchPodsTests : IDisposable
{
    private const string Refusal = """{"kind":"Status","apiVersion":"v1","status":"Failure","message":"no"}""";

    private static readonly Guid Match = Guid.NewGuid();

    private readonly PodCatalog _catalog = new();
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    private readonly ScriptedPort _control = new();
    private readonly ControlSigner _signer = TestCalls.Signer(TimeSpan.FromSeconds(20));
    private readonly TicketSigner _tickets = TestSigners.None();

    public void Dispose()
    {
        _services.Dispose();
        _control.Dispose();
        _signer.Dispose();
        _tickets.Dispose();
    }

    [Fact]
    public async Task A_pod_on_standby_is_claimed()
    {
        await using var api = await ApiServer.StartAsync((200, KubernetesJson.Serialize(TestPods.Claimed(Match))));
        Know(StandbyWithServer());

        var taken = await TakeAsync(api);

        Assert.Equal(Match, taken.Value?.MatchId);
        Assert.Contains("backend-1", api.LastBody, StringComparison.Ordinal);
        Assert.Equal(taken.Value, _catalog.Find(Match));
    }

    [Fact]
    public async Task A_match_whose_pod_another_backend_has_claimed_first_gets_a_new_pod()
    {
        var standby = StandbyWithServer();
        var template = new V1PodTemplateSpec { Metadata = standby.Metadata, Spec = standby.Spec };
        var deployment = new V1Deployment { Spec = new V1DeploymentSpec { Template = template } };
        await using var api = await ApiServer.StartAsync(
            (422, Refusal),
            (200, KubernetesJson.Serialize(TestPods.Claimed(Guid.NewGuid()))),
            (200, KubernetesJson.Serialize(deployment)),
            (201, KubernetesJson.Serialize(TestPods.Claimed(Match, "new"))));
        Know(standby);

        var taken = await TakeAsync(api);

        Assert.Equal((Match, "new"), (taken.Value?.MatchId, taken.Value?.Name));
        Assert.Equal(4, api.Calls);
    }

    [Fact]
    public async Task A_match_keeps_its_pod()
    {
        await using var api = await ApiServer.StartAsync((500, Refusal));
        var pod = TestPods.Claimed(Match);
        Know(pod, TestPods.Standby("other"));

        var taken = await TakeAsync(api);

        Assert.Equal(pod.Metadata.Uid, taken.Value?.Uid);
        Assert.Equal(0, api.Calls);
    }

    [Fact]
    public async Task A_pod_that_does_not_start_is_a_failure()
    {
        await using var api = await ApiServer.StartAsync((500, Refusal));
        var pod = TestPods.Claimed(Match, "p");
        var waiting = new V1ContainerStateWaiting { Reason = "ImagePullBackOff", Message = "no such image" };
        pod.Status.ContainerStatuses[0].State = new V1ContainerState { Waiting = waiting };
        Know(pod);

        var taken = await TakeAsync(api);

        Assert.Equal("Pod p does not start: ImagePullBackOff: no such image", taken.Failure);
    }

    [Fact]
    public async Task A_refused_pod_makes_the_fleet_full()
    {
        var standby = TestPods.Standby();
        var template = new V1PodTemplateSpec { Metadata = standby.Metadata, Spec = standby.Spec };
        var deployment = new V1Deployment { Spec = new V1DeploymentSpec { Template = template } };
        await using var api = await ApiServer.StartAsync((200, KubernetesJson.Serialize(deployment)), (403, Refusal));
        using var cancelling = Waits.Within(Waits.Patient);
        Know();
        var pods = Pods(api);

        var taking = pods.TakeAsync(Match, cancelling.Token);

        await Eventually.IsAsync("full", _ => Task.FromResult(pods.WhyFull is not null), Waits.Patient);
        Assert.Equal("No game server is free, and Kubernetes refuses to create another pod.", pods.WhyFull);
        await cancelling.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => taking);
    }

    [Fact]
    public async Task A_pod_that_fits_on_no_node_makes_the_fleet_full_until_one_is_on_standby()
    {
        await using var api = await ApiServer.StartAsync((403, Refusal));
        Know();
        var pods = Pods(api);
        Assert.Null(pods.WhyFull);

        Know(Unschedulable());
        Assert.Equal("No game server is free, and no node has room for another pod.", pods.WhyFull);

        Know(TestPods.Standby());
        Assert.Null(pods.WhyFull);
    }

    [Fact]
    public async Task A_pod_that_is_being_deleted_is_not_deleted_again()
    {
        await using var api = await ApiServer.StartAsync((500, Refusal));
        var pod = TestPods.Claimed(Match);
        var before = GameServerPod.Of(pod);
        pod.Metadata.DeletionTimestamp = DateTime.UtcNow;
        Know(pod);

        Assert.True(await Pods(api).DeleteAsync(before, TestContext.Current.CancellationToken));
        Assert.Equal(0, api.Calls);
    }

    private static V1Pod Unschedulable()
    {
        var pod = TestPods.Standby("pending");
        pod.Status.Phase = "Pending";
        pod.Status.Conditions = [new V1PodCondition { Type = "PodScheduled", Status = "False", Reason = "Unschedulable" }];
        return pod;
    }

    private V1Pod StandbyWithServer()
    {
        var pod = TestPods.Standby();
        pod.Status.PodIP = ScriptedPort.Host;
        pod.Spec.Containers[0].Ports.Single(port => port.Name == "control").ContainerPort = _control.Port;
        _ = _control.AnswerAllAsync(2, "OK", "STANDBY");
        return pod;
    }

    private void Know(params V1Pod[] pods) => _catalog.Replace([.. pods.Select(GameServerPod.Of)], _catalog.Changes);

    private MatchPods Pods(ApiServer api)
    {
        var (time, obstacles) = (TimeProvider.System, TestCalls.Obstacles());
        var (calls, options) = (TestCalls.To(api.Address, obstacles), Options.Create(new KubernetesFleetOptions()));
        var identity = new BackendIdentity("backend-1", "backend-1-0");
        return new MatchPods(
            calls,
            _catalog,
            new StandbyPods(calls, _catalog, _signer, obstacles, identity, _tickets, time, NullLogger<StandbyPods>.Instance),
            new NewPods(calls, _catalog, identity, _tickets, options, NullLogger<NewPods>.Instance),
            obstacles,
            options,
            new FleetInstruments(_services.GetRequiredService<IMeterFactory>()),
            time,
            NullLogger<MatchPods>.Instance);
    }

    private Task<Result<GameServerPod>> TakeAsync(ApiServer api)
    {
        var pods = Pods(api);
        return pods.TakeAsync(Match, TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(60));
    }
}
