using System.Net;
using GameStack.Tests.Support;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace GameStack.Tests.Scenarios.Cluster;

[Collection(ClusterCollection.Name)]
public sealed class LeastPrivilegeTests(ClusterStack cluster) : ClusterTests(cluster)
{
    /// <summary>Whether the backends' role is an administrator, its databases and its tables.</summary>
    private const string RoleInPostgres =
        """
        PGPASSWORD=$GAMESTACK_PASSWORD psql --host=127.0.0.1 --username=gamestack --dbname=matches --tuples-only --no-align --command="
        SELECT concat_ws(' ', rolsuper,
            (SELECT string_agg(datname, ',') FROM pg_database WHERE datdba = pg_roles.oid),
            (SELECT string_agg(relname, ',' ORDER BY oid) FROM pg_class WHERE relowner = pg_roles.oid AND relkind = 'r'))
        FROM pg_roles WHERE rolname = current_user"
        """;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private protected override string Overlay => ClusterStack.InsideOverlay;

    [Fact]
    public async Task The_backends_own_token_allows_what_a_backend_does_and_nothing_else()
    {
        using var backend = await AsServiceAccountAsync("backend");

        var review = await backend.AuthorizationV1.CreateSelfSubjectRulesReviewAsync(
            new V1SelfSubjectRulesReview { Spec = new V1SelfSubjectRulesReviewSpec { NamespaceProperty = ClusterStack.Place } },
            cancellationToken: Token);
        var rules = review.Status.ResourceRules
            .Where(rule => !rule.ApiGroups.Contains("authorization.k8s.io")) // What every account may ask about itself.
            .SelectMany(rule => rule.Resources, (rule, resource) =>
                $"{resource}{string.Concat(rule.ResourceNames?.Select(name => "/" + name) ?? [])}: "
                + string.Join(' ', rule.Verbs.Order(StringComparer.Ordinal)));
        Assert.Equal(["deployments/game-server: get", "pods: create delete get list patch watch"], rules.Order(StringComparer.Ordinal));

        await RefusedAsync(() => backend.CoreV1.ListNamespacedSecretAsync(ClusterStack.Place, cancellationToken: Token));
        await RefusedAsync(() => backend.CoreV1.ReadNamespacedSecretAsync("passwords", ClusterStack.Place, cancellationToken: Token));
        await RefusedAsync(() => backend.CoreV1.ListNamespacedPodAsync("kube-system", cancellationToken: Token));
        await RefusedAsync(() => backend.CoreV1.ListPodForAllNamespacesAsync(cancellationToken: Token));
        await RefusedAsync(() => backend.CoreV1.ListNodeAsync(cancellationToken: Token));
        await RefusedAsync(() => backend.AppsV1.ReadNamespacedDeploymentAsync("backend", ClusterStack.Place, cancellationToken: Token));
        await RefusedAsync(
            () => backend.AppsV1.DeleteNamespacedDeploymentAsync("game-server", ClusterStack.Place, cancellationToken: Token));
        await RefusedAsync(() => backend.CoreV1.DeleteCollectionNamespacedPodAsync(ClusterStack.Place, cancellationToken: Token));
    }

    [Theory]
    [InlineData("proxy")]
    [InlineData("game-server")]
    public async Task The_others_accounts_allow_nothing(string account)
    {
        using var client = await AsServiceAccountAsync(account);

        await RefusedAsync(() => client.CoreV1.ListNamespacedPodAsync(ClusterStack.Place, cancellationToken: Token));
        await RefusedAsync(() => client.CoreV1.ListNamespacedSecretAsync(ClusterStack.Place, cancellationToken: Token));
    }

    [Fact]
    public async Task The_backends_are_no_administrators_of_Redis_and_Postgres_and_are_refused_nothing_that_they_do()
    {
        await ExecuteAsync("redis-0", "REDISCLI_AUTH=$REDIS_PASSWORD redis-cli ACL LOG RESET"); // Other tests give wrong passwords.

        await Players.EndAsync(await Players.PlayAsync(ClusterStack.SessionSize));

        Assert.Equal("", (await ExecuteAsync("redis-0", "REDISCLI_AUTH=$REDIS_PASSWORD redis-cli ACL LOG")).Trim());
        Assert.Contains(
            "NOPERM",
            await ExecuteAsync("redis-0", "REDISCLI_AUTH=$GAMESTACK_PASSWORD redis-cli --user gamestack CONFIG GET '*'"),
            StringComparison.Ordinal);
        // Where Postgres has just lost its disk, the tables are made with the first record.
        await Eventually.GetAsync(
            "the backends' role in Postgres",
            _ => ExecuteAsync("postgres-0", RoleInPostgres),
            role => role.Trim() == "f matches matches,match_players,match_records_refused",
            TimeSpan.FromSeconds(30));
    }

    private async Task<Kubernetes> AsServiceAccountAsync(string account)
    {
        var request = new Authenticationv1TokenRequest { Spec = new V1TokenRequestSpec { Audiences = [], ExpirationSeconds = 600 } };
        var token = await Cluster.Client.CoreV1.CreateNamespacedServiceAccountTokenAsync(
            request, account, ClusterStack.Place, cancellationToken: Token);
        var configuration = KubernetesClientConfiguration.BuildDefaultConfig();
        configuration.ClientCertificateData = null;
        configuration.ClientCertificateKeyData = null;
        configuration.ClientCertificateFilePath = null;
        configuration.ClientKeyFilePath = null;
        configuration.AccessToken = token.Status.Token;
        return new Kubernetes(configuration);
    }

    private static async Task RefusedAsync(Func<Task> call)
    {
        var refusal = await Assert.ThrowsAsync<HttpOperationException>(call);
        Assert.Equal(HttpStatusCode.Forbidden, refusal.Response.StatusCode);
    }
}
