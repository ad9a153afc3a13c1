using System.Globalization;
using System.Net;
using GameStack.Tests.Support;
using LocalServers;
using StackExchange.Redis;

namespace GameStack.Tests.Backend.Queue.Redis;

public sealed class RedisTlsTests(RedisFixture redisFixture, PostgresFixture postgres)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Backends_match_players_over_a_Redis_that_they_reach_only_with_TLS()
    {
        using var certificate = new SelfSignedCertificate();
        await using var redis = await redisFixture.StartNewAsync();
        var port = await UseTlsAsync(redis, certificate);
        await using var stores = new BackendStores($"localhost:{port},ssl=true", await postgres.CreateDatabaseAsync());
        await using var backend = await stores.StartBackendAsync(
            "backend", new StackSettings { SessionSize = 2 }, ("SSL_CERT_FILE", certificate.CertificateFile));

        var seats = await backend.Client.JoinAndWaitAsync(["p1", "p2"], Token);
        await ContractClient.OkAsync(() => backend.Client.EndAsync(seats[0].SessionId, Token));
    }

    /// <summary>The certificate is for <c>localhost</c>, and no authority that a machine knows has signed it.</summary>
    [Theory]
    [InlineData("127.0.0.1", true)]
    [InlineData("localhost", false)]
    public async Task A_backend_whose_Redis_does_not_prove_its_name_is_not_ready_and_says_why(string host, bool isAuthorityKnown)
    {
        using var certificate = new SelfSignedCertificate();
        await using var redis = await redisFixture.StartNewAsync();
        var port = await UseTlsAsync(redis, certificate);
        await using var stores = new BackendStores($"{host}:{port},ssl=true", await postgres.CreateDatabaseAsync());
        (string, string)[] authority = isAuthorityKnown ? [("SSL_CERT_FILE", certificate.CertificateFile)] : [];
        await using var backend = await BackendProcess.StartAsync("backend", stores, new StackSettings { SessionSize = 2 }, authority);

        await backend.WaitForLineAsync("Redis has a certificate that cannot be verified; retrying: The remote certificate is invalid");
        var health = await backend.Client.GetAsync("health", Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, health.Code);
        Assert.Contains("Redis has a certificate that cannot be verified.", health.Raw, StringComparison.Ordinal);
    }

    /// <summary>Moves the server to a port with TLS, and returns it.</summary>
    private static async Task<int> UseTlsAsync(RedisServer redis, SelfSignedCertificate certificate)
    {
        var port = FreePort.Next();
        await using var administrator = await ConnectionMultiplexer.ConnectAsync($"{redis.ConnectionString},allowAdmin=true");
        (string Name, string Value)[] settings =
        [
            ("tls-cert-file", certificate.CertificateFile), ("tls-key-file", certificate.KeyFile),
            ("tls-ca-cert-file", certificate.CertificateFile), ("tls-auth-clients", "no"),
            ("tls-port", port.ToString(CultureInfo.InvariantCulture)), ("port", "0"),
        ];
        foreach (var (name, value) in settings)
        {
            try
            {
                await administrator.GetDatabase().ExecuteAsync("CONFIG", "SET", name, value);
            }
            catch (RedisServerException e) when (name == "tls-cert-file" && !LocalServerFixture.MustRun)
            {
                Assert.Skip($"This Redis was built without TLS: {e.Message}");
            }
        }

        return port;
    }
}
