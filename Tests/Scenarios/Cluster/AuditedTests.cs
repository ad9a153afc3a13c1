using GameStack.Tests.Support;
using k8s;
using k8s.Models;

namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>
/// What operators do to a running stack, seen by players outside the cluster. After each test, an audit: nobody is lost, and nothing is
/// left over.
/// </summary>
public abstract class AuditedTests(ClusterStack cluster) : ClusterTests(cluster)
{
    private protected static readonly TimeSpan Pace = TimeSpan.FromSeconds(0.5);

    /// <summary>How long a new connection may have no answer before it is tried again.</summary>
    private static readonly TimeSpan FirstAnswer = TimeSpan.FromSeconds(5);

    private protected static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected override string Overlay => ClusterStack.OutsideOverlay;

    private protected async Task EmptyPoolAsync()
    {
        await Cluster.ScaleAsync(0);
        await Pods.WaitAsync(ClusterStack.Free, "an empty pool", pods => pods.Count == 0, Patience);
    }

    /// <summary>The first line that any backend has logged since the test began and that contains this.</summary>
    private protected Task<string> LoggedAsync(string text) => Eventually.GetAsync(
        text,
        async token => (await LogAsync(token)).Split('\n').FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal)) ?? "",
        line => line.Length > 0,
        Patience,
        Pace);

    private protected async Task<IReadOnlyList<V1Service>> ServicesAsync() =>
    [
        .. (await Cluster.Client.CoreV1.ListNamespacedServiceAsync(
            ClusterStack.Place, labelSelector: ClusterStack.GameServers, cancellationToken: Token)).Items,
    ];

    /// <summary>Every player connects anew, at the address of the match; they play, and everything is cleared away.</summary>
    private protected async Task PlayToTheEndAsync(Seat[] seats)
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
    private protected async Task AuditAsync(Seat[] seats)
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
}
