using System.Security.Cryptography;
using System.Text;
using GameStack.Tests.Support;
using k8s;
using k8s.Models;

namespace GameStack.Tests.Scenarios.Cluster;

/// <summary>Secrets that operators replace, as docs/deploy.md says or wrongly, while players play.</summary>
[Collection(ClusterCollection.Name)]
public sealed class SecretsTests(ClusterStack cluster) : ClusterTests(cluster)
{
    private const string Backends = "app=backend";
    private const string Passwords = "passwords";
    private const string ControlKey = "game-server-control";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected override string Overlay => ClusterStack.OutsideOverlay;

    /// <summary>All at once, since a rollout takes its time; that either one alone is enough, a backend by itself shows.</summary>
    [Fact]
    public async Task Wrong_passwords_and_a_wrong_key_stop_the_rollout_while_the_old_backends_serve()
    {
        string[] refusals =
        [
            "Redis refuses the user of REDIS_USERNAME and REDIS_PASSWORD",
            "Postgres refuses the user of DATABASE_USERNAME and DATABASE_PASSWORD",
            "The standby pool refuses the backend's private key",
        ];
        var right = (await SecretAsync(Passwords)).Data;
        var before = await Pods.WaitAsync(
            Backends, "no backend of an earlier rollout", pods => pods.Count > 0 && pods.All(ClusterPods.IsReady), Patience);
        using var wrong = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var key = (await SecretAsync(ControlKey)).Data["private-key"];
        await WriteAsync("wrong"u8.ToArray(), "wrong"u8.ToArray(), Encoding.UTF8.GetBytes(wrong.ExportPkcs8PrivateKeyPem()));
        try
        {
            await RestartBackendsAsync();
            var fresh = await Pods.WaitAsync(
                Backends, "a new backend", pods => pods.Any(pod => IsNew(pod) && pod.Status.PodIP is not null), Patience);
            var name = fresh.First(IsNew).Name();
            await Eventually.GetAsync(
                "all refusals", _ => LogAsync(name), log => refusals.All(refusal => log.Contains(refusal, StringComparison.Ordinal)),
                Patience);

            await PlayForAsync(TimeSpan.FromSeconds(15));

            var pods = await Pods.ListAsync(Backends);
            Assert.Equal(
                before.Select(pod => pod.Name()).Order(), pods.Where(ClusterPods.IsReady).Select(pod => pod.Name()).Order());
            Assert.Single(pods, IsNew);
            var lines = (await LogAsync(name)).Split('\n');
            Assert.All(refusals, refusal => Assert.Single(lines, line => line.Contains(refusal, StringComparison.Ordinal)));
            Assert.NotEqual(0, (await RolloutAsync("5s")).ExitCode);
        }
        finally
        {
            await WriteAsync(right["redis-gamestack"], right["postgres-gamestack"], key);
            await RestartBackendsAsync();
            var (exitCode, output, error) = await RolloutAsync("180s");
            Assert.True(exitCode == 0, error + output);
        }

        await PlayForAsync(TimeSpan.FromSeconds(1));
        await Cluster.SettleAsync();

        bool IsNew(V1Pod pod) => before.All(old => old.Uid() != pod.Uid());
    }

    [Theory]
    [InlineData("redis-gamestack", Passwords)]
    [InlineData("postgres-gamestack", Passwords)]
    [InlineData("redis", Passwords)]
    [InlineData("postgres", Passwords)]
    [InlineData(ControlKey, ControlKey)]
    public async Task A_secret_is_replaced_as_the_page_says_and_nobody_is_lost(string block, string secret)
    {
        var before = (await SecretAsync(secret)).ResourceVersion();
        await RunWhilePlayingAsync(block, PlayUntilAsync);
        Assert.NotEqual(before, (await SecretAsync(secret)).ResourceVersion());
        await PlayForAsync(TimeSpan.FromSeconds(1));
        await Cluster.SettleAsync();
        foreach (var pod in (await Pods.ListAsync(Backends)).Where(ClusterPods.IsReady))
        {
            var health = await Eventually.GetAsync(
                "health",
                _ => Kubectl.RunAsync("get", "--raw", $"/api/v1/namespaces/{ClusterStack.Place}/pods/{pod.Name()}:8080/proxy/health"),
                answer => answer.Contains("\"ok\"", StringComparison.Ordinal),
                Patience);
            Assert.DoesNotContain("refuses", health, StringComparison.Ordinal);
        }
    }

    /// <summary>Two blocks of commands: the old key is removed later, when no match is left from before.</summary>
    [Fact]
    public async Task The_key_of_tickets_is_replaced_as_the_page_says_and_no_player_is_refused()
    {
        var gateway = await Cluster.FindAsync("proxy", "gateway");
        var before = await KeyOfTicketAsync(gateway);

        await RunWhilePlayingAsync("match-tickets", isOver => PlayThroughGatewayUntilAsync(gateway, isOver));
        var after = await KeyOfTicketAsync(gateway);
        Assert.NotEqual(before, after);

        await RunWhilePlayingAsync("match-tickets-end", isOver => PlayThroughGatewayUntilAsync(gateway, isOver));
        Assert.Equal(after, await KeyOfTicketAsync(gateway));
        await Cluster.SettleAsync();
    }

    /// <summary>Runs a block of the page's commands while players come and play.</summary>
    /// <param name="block">See <see cref="DeployPage.RunAsync"/>.</param>
    /// <param name="playUntilAsync">Plays until its token is cancelled, at least once, and fails if a player is lost.</param>
    private static async Task RunWhilePlayingAsync(string block, Func<CancellationToken, Task> playUntilAsync)
    {
        using var isDone = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var playing = playUntilAsync(isDone.Token);
        try
        {
            await DeployPage.RunAsync(block, Token);
            await Task.Delay(TimeSpan.FromSeconds(5), Token); // The last backends drain.
        }
        finally
        {
            await isDone.CancelAsync();
        }

        await playing;
    }

    private async Task PlayForAsync(TimeSpan time)
    {
        using var isOver = CancellationTokenSource.CreateLinkedTokenSource(Token);
        isOver.CancelAfter(time);
        await PlayUntilAsync(isOver.Token);
    }

    /// <summary>Groups of players, one after the other, each of whom is matched.</summary>
    private async Task PlayUntilAsync(CancellationToken isOver)
    {
        do
        {
            await Players.EndAsync(await Players.PlayAsync(3 * ClusterStack.SessionSize));
        }
        while (!isOver.IsCancellationRequested);
    }

    /// <summary>Groups of players, one after the other, each of whom takes its seat with a ticket.</summary>
    private async Task PlayThroughGatewayUntilAsync(Uri gateway, CancellationToken isOver)
    {
        do
        {
            await LoadTesterRun.PlayAsync(
                new Uri(Cluster.Proxy.Root, "/"), 3 * ClusterStack.SessionSize, "gateway", gateway.Authority);
        }
        while (!isOver.IsCancellationRequested);
    }

    /// <summary>The id of the key that signs the tickets of a new match, which let its player in.</summary>
    private async Task<string?> KeyOfTicketAsync(Uri gateway)
    {
        var seats = await Players.PlayAsync(ClusterStack.SessionSize);
        var ticket = (await Cluster.Proxy.StatusAsync(seats[0].Player, Token)).Ok().Text("ticket");
        await using var player = await LineClient.ConnectAsync(seats[0] with { Host = gateway.Host, Port = gateway.Port }, Token);
        Assert.StartsWith("JOINED ", await player.AskAsync($"JOIN {ticket}"), StringComparison.Ordinal);
        await Players.EndAsync(seats);
        return TestTickets.Decode(ticket, 0).GetProperty("kid").GetString();
    }

    private Task<V1Secret> SecretAsync(string name) =>
        Cluster.Client.CoreV1.ReadNamespacedSecretAsync(name, ClusterStack.Place, cancellationToken: Token);

    private async Task WriteAsync(byte[] redis, byte[] postgres, byte[] key)
    {
        await WriteAsync(Passwords, new() { ["redis-gamestack"] = redis, ["postgres-gamestack"] = postgres });
        await WriteAsync(ControlKey, new() { ["private-key"] = key });
    }

    private Task<V1Secret> WriteAsync(string name, Dictionary<string, byte[]> data) => Cluster.Client.CoreV1.PatchNamespacedSecretAsync(
        new V1Patch(KubernetesJson.Serialize(new { data }), V1Patch.PatchType.MergePatch),
        name,
        ClusterStack.Place,
        cancellationToken: CancellationToken.None);

    private static Task<string> LogAsync(string pod) => Kubectl.RunAsync("--namespace", ClusterStack.Place, "logs", pod);

    private static Task<string> RestartBackendsAsync() =>
        Kubectl.RunAsync("--namespace", ClusterStack.Place, "rollout", "restart", "deployment/backend");

    private static Task<(int ExitCode, string Output, string Error)> RolloutAsync(string timeout) => CommandLine.TryAsync(
        "kubectl", ["--namespace", ClusterStack.Place, "rollout", "status", "deployment/backend", $"--timeout={timeout}"],
        CancellationToken.None);
}
