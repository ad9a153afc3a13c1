using GameStack.Tests.Support;
using k8s.Models;

namespace GameStack.Tests.Scenarios.Cluster;

[Collection(ClusterCollection.Name)]
public sealed class HostPortTests(ClusterStack cluster) : ClusterTests(cluster)
{
    private protected override string Overlay => ClusterStack.HostPortOverlay;

    [Fact]
    public async Task Players_reach_their_match_on_a_port_of_its_node()
    {
        var seats = await Players.PlayAsync(ClusterStack.SessionSize);

        var pod = await PodOfAsync(seats[0]);
        Assert.Equal($"game-server-{seats[0].SessionId[..8]}", pod.Name());
        Assert.Equal(pod.Status.HostIP, seats[0].Host);
        Assert.InRange(seats[0].Port, 7000, 7999);
        await using (var player = await LineClient.ConnectAsync(seats[0], TestContext.Current.CancellationToken))
        {
            Assert.Equal("STATE open", await player.AskAsync("GET_STATE"));
        }

        await Players.EndAsync(seats);
        await Cluster.SettleAsync();
    }
}
