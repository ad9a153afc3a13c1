using GameStack.Tests.Support;
using k8s;
using k8s.Models;

namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>Something between the players and their match is gone or wrong.</summary>
[Collection(ClusterCollection.Name)]
public sealed class PlayerAddressTests(ClusterStack cluster) : AuditedTests(cluster)
{
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
    public async Task Matches_at_an_address_that_nobody_reaches_wait_and_are_played_once_it_is_right()
    {
        Task<Seat[]> playing;
        await SetOnBackendsAsync("GAME_SERVER_CONNECT_HOST=127.0.0.1", "GameServers__RouteTimeout=00:00:03"); // A backend's own pod.
        try
        {
            playing = Players.PlayAsync(3 * ClusterStack.SessionSize);
            var line = await LoggedAsync("Cannot reach game servers at the address of players; retrying: ");
            Assert.Contains("127.0.0.1", line, StringComparison.Ordinal);
            Assert.False(playing.IsCompleted);
        }
        finally
        {
            await SetOnBackendsAsync("GAME_SERVER_CONNECT_HOST-", "GameServers__RouteTimeout-");
        }

        await PlayToTheEndAsync(await playing);
    }

    /// <summary>Sets variables of the backends (<c>NAME=value</c>) or removes them (<c>NAME-</c>), and waits until all have them.</summary>
    private async Task SetOnBackendsAsync(params string[] variables)
    {
        await Kubectl.RunAsync(["--namespace", ClusterStack.Place, "set", "env", "deployment/backend", .. variables]);
        await Kubectl.RunAsync("--namespace", ClusterStack.Place, "rollout", "status", "deployment/backend", "--timeout=180s");
        await Pods.WaitAsync(
            "app=backend", "no backend from before", pods => pods.All(pod => pod.Metadata.DeletionTimestamp is null), Patience);
    }
}
