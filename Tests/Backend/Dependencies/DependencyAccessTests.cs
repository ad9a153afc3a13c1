using System.Net;
using System.Security.Authentication;
using GameStack.Backend;
using GameStack.Backend.Dependencies;
using GameStack.Backend.GameServers.Kubernetes;
using GameStack.Backend.Queue.Redis;
using GameStack.Backend.Records;
using GameStack.Tests.Backend.GameServers;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Npgsql;

namespace GameStack.Tests.Backend.Dependencies;

public sealed class DependencyAccessTests : IDisposable
{
    private const string Refusal = "WRONGPASS invalid username-password pair or user is disabled.";

    private readonly FakeTimeProvider _time = new();
    private readonly LogRecords _log = new();
    private readonly LoggerFactory _logs;
    private readonly RedisAccess _redis;

    public DependencyAccessTests()
    {
        _logs = new LoggerFactory([_log]);
        _redis = new RedisAccess("REDIS_USERNAME and REDIS_PASSWORD", _time, _logs.CreateLogger<RedisAccess>());
    }

    [Fact]
    public void A_backend_that_starts_is_not_ready_before_the_first_outcome()
    {
        var before = Check();
        _redis.Failed("refused connection");

        Assert.Equal((HealthStatus.Unhealthy, "Redis has not answered yet."), (before.Status, before.Data["reason"]));
        Assert.Equal(HealthStatus.Degraded, Check("unavailable").Status);
    }

    [Fact]
    public void A_backend_whose_calls_have_no_outcome_is_ready_after_a_while()
    {
        _time.Advance(TimeSpan.FromSeconds(11));

        Assert.Equal(HealthStatus.Degraded, Check("unavailable").Status);
    }

    [Theory]
    [InlineData(Refusal, "refuses the user of REDIS_USERNAME and REDIS_PASSWORD (WRONGPASS).")]
    [InlineData("NOAUTH Authentication required.", "refuses the user of REDIS_USERNAME and REDIS_PASSWORD (NOAUTH).")]
    [InlineData("It was not possible to connect: (RedisServerException) NOAUTH Returned - connection has not yet authenticated",
        "refuses the user of REDIS_USERNAME and REDIS_PASSWORD (NOAUTH).")]
    [InlineData("NOPERM User gamestack has no permissions to run the 'eval' command",
        "refuses a right to the user of REDIS_USERNAME and REDIS_PASSWORD (NOPERM).")]
    [InlineData("ERR ACL failure in script: User gamestack has no permissions",
        "refuses a right to the user of REDIS_USERNAME and REDIS_PASSWORD (NOPERM).")]
    public void A_backend_that_Redis_refuses_from_its_start_on_is_not_ready(string error, string reason)
    {
        _redis.Failed(error);
        _redis.Failed("refused connection"); // An outage in between makes the credentials no better.

        var check = Check("not usable");
        Assert.Equal((HealthStatus.Unhealthy, $"Redis {reason}"), (check.Status, check.Data["reason"]));
    }

    [Fact]
    public void A_backend_that_has_used_Redis_stays_ready_when_it_is_refused_and_says_why()
    {
        _redis.Granted();
        Assert.Equal(HealthStatus.Healthy, Check().Status);

        _redis.Failed(Refusal);

        var check = Check("not usable");
        Assert.Equal(HealthStatus.Degraded, check.Status);
        Assert.Contains("(WRONGPASS)", (string)check.Data["reason"], StringComparison.Ordinal);
        _redis.Granted();
        Assert.Equal(HealthStatus.Healthy, Check().Status);
    }

    [Fact]
    public void A_refusal_is_logged_once_and_again_after_a_success()
    {
        _redis.Failed(Refusal);
        _redis.Failed("NOAUTH Authentication required.");
        Assert.Equal(
            $"Redis refuses the user of REDIS_USERNAME and REDIS_PASSWORD; retrying: {Refusal}",
            Assert.Single(_log.Of(EventIds.AccessRefused)).Message);

        _redis.Granted();
        _redis.Failed(Refusal);
        Assert.Equal(2, _log.Of(EventIds.AccessRefused).Count);
    }

    [Theory]
    [InlineData("28P01", "Postgres refuses the user of DATABASE_PASSWORD (28P01).")]
    [InlineData("28000", "Postgres refuses the user of DATABASE_PASSWORD (28000).")]
    [InlineData("3D000", "Postgres refuses the database of DATABASE_URL (3D000).")]
    [InlineData("42501", "Postgres refuses a right to the user of DATABASE_PASSWORD (42501).")]
    [InlineData("53300", null)]
    public void Postgres_refuses_by_its_error_code(string code, string? reason)
    {
        var names = new DatabaseSettingNames("DATABASE_PASSWORD", "DATABASE_URL");
        var postgres = new PostgresAccess(names, _time, _logs.CreateLogger<PostgresAccess>());
        var error = new PostgresException("said", "FATAL", "FATAL", code);

        postgres.Failed(new DependencyUnavailableException(PostgresMatchRecords.Dependency, "said", error));

        var check = postgres.Check(Context(), "said");
        Assert.Equal(reason is null ? HealthStatus.Degraded : HealthStatus.Unhealthy, check.Status);
        Assert.Equal(reason, check.Data.GetValueOrDefault("reason"));
    }

    [Fact]
    public void A_missing_password_is_a_refused_one()
    {
        var postgres = new PostgresAccess(
            new DatabaseSettingNames("DATABASE_PASSWORD", "DATABASE_URL"), _time, _logs.CreateLogger<PostgresAccess>());
        var error = new NpgsqlException("No password has been provided but the backend requires one (in SASL/SCRAM-SHA-256)");

        postgres.Failed(new DependencyUnavailableException(PostgresMatchRecords.Dependency, "said", error));

        Assert.Equal(HealthStatus.Unhealthy, postgres.Check(Context(), "said").Status);
    }

    [Fact]
    public void A_certificate_that_cannot_be_verified_is_a_refusal_of_its_own()
    {
        var postgres = new PostgresAccess(
            new DatabaseSettingNames("DATABASE_PASSWORD", "DATABASE_URL"), _time, _logs.CreateLogger<PostgresAccess>());
        var kubernetes = new KubernetesAccess(_time, _logs.CreateLogger<KubernetesAccess>());
        var error = new AuthenticationException("The remote certificate is invalid: UntrustedRoot");

        _redis.Failed($"No connection is active/available to service this operation: EVAL; {error.Message}, mc: 1/1/0");
        postgres.Failed(new DependencyUnavailableException("Postgres", "said", new NpgsqlException("said", error)));
        kubernetes.Unavailable(new HttpRequestException("said", error));

        DependencyAccess[] all = [_redis, postgres, kubernetes];
        string[] names = ["Redis", "Postgres", "The Kubernetes API"];
        var checks = all.Select(access => access.Check(Context(), "said")).ToArray();
        Assert.All(checks, check => Assert.Equal(HealthStatus.Unhealthy, check.Status));
        Assert.Equal(
            names.Select(name => $"{name} has a certificate that cannot be verified."), checks.Select(check => check.Data["reason"]));
        Assert.Equal(
            $"Redis has a certificate that cannot be verified; retrying: {error.Message}",
            _log.Of(EventIds.CertificateDistrusted)[0].Message);
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, HealthStatus.Unhealthy)]
    [InlineData(HttpStatusCode.Forbidden, HealthStatus.Degraded)]
    [InlineData(HttpStatusCode.InternalServerError, HealthStatus.Degraded)]
    public void The_Kubernetes_API_refuses_with_401(HttpStatusCode answer, HealthStatus expected)
    {
        var kubernetes = new KubernetesAccess(_time, _logs.CreateLogger<KubernetesAccess>());

        kubernetes.Answered("list pods", answer, "Unauthorized", isPermissionMissing: false);

        Assert.Equal(expected, kubernetes.Check(Context(), "Cannot list pods").Status);
    }

    public void Dispose()
    {
        _logs.Dispose();
        _log.Dispose();
    }

    private HealthCheckResult Check(string? description = null) => _redis.Check(Context(), description);

    private static HealthCheckContext Context() =>
        new() { Registration = new HealthCheckRegistration("check", _ => null!, HealthStatus.Degraded, tags: null) };
}
