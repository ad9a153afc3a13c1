using System.Globalization;
using GameStack.Tests.Support;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>Quotas and limits of the namespace.</summary>
[Collection(ClusterCollection.Name)]
public sealed class QuotaTests(ClusterStack cluster) : AuditedTests(cluster)
{
    private const string Limit = "quota-test";

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
}
