using GameStack.ServiceDefaults.Health;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace GameStack.Backend.Dependencies;

/// <summary>
/// Whether a dependency lets this backend in, as the calls to it show. A backend that is refused before it ever used the dependency is not
/// ready, so that a rollout with wrong credentials stops while the old backends serve. A backend that has used it stays ready, because a
/// change of a password must not take out all backends. Thread-safe.
/// </summary>
/// <param name="dependency">The dependency's name for operators, such as <c>Redis</c>.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Gets the refusals.</param>
internal abstract partial class DependencyAccess(string dependency, TimeProvider time, ILogger logger)
{
    /// <summary>
    /// How long a backend that starts is not ready while no call has had an outcome: it could be a refusal. After that, the dependency
    /// counts as unavailable.
    /// </summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly long _startedAt = time.GetTimestamp();
    private readonly Lock _lock = new();
    private volatile bool _isGranted;
    private bool _isTried;
    private bool _isUsed;
    private string? _refused;
    private string? _refusal;

    /// <summary>Whether the dependency has refused this backend since its start.</summary>
    public bool IsShutOut
    {
        get
        {
            lock (_lock)
            {
                return !_isUsed && _refusal is not null;
            }
        }
    }

    /// <summary>The dependency did what this backend asked for.</summary>
    public void Granted()
    {
        if (_isGranted)
        {
            return;
        }

        lock (_lock)
        {
            (_isGranted, _isUsed, _refused, _refusal) = (true, true, null, null);
        }
    }

    /// <summary>Whether this backend is ready as far as the dependency is concerned.</summary>
    /// <param name="context">Says which status a dependency has that is unavailable.</param>
    /// <param name="description">What is wrong, for operators; null if nothing is.</param>
    /// <param name="reason">The same in a sentence for everybody, if there is one.</param>
    public HealthCheckResult Check(HealthCheckContext context, string? description, string? reason = null)
    {
        lock (_lock)
        {
            var isUnclear = !_isUsed && !_isTried && time.GetElapsedTime(_startedAt) < Patience;
            if (!isUnclear && _refusal is null && description is null)
            {
                return HealthCheckResult.Healthy();
            }

            var isReady = !isUnclear && (_isUsed || _refusal is null);
            var told = isUnclear ? $"{dependency} has not answered yet." : string.Join(' ', new[] { _refusal, reason }.OfType<string>());
            return new HealthCheckResult(
                isReady ? context.Registration.FailureStatus : HealthStatus.Unhealthy,
                description,
                data: told.Length > 0 ? HealthReasons.Public(told) : null);
        }
    }

    /// <summary>A call failed for another reason than a refusal.</summary>
    protected void Failed()
    {
        lock (_lock)
        {
            _isTried = true;
        }
    }

    /// <summary>The dependency refused a call. A refusal counts until a call succeeds, also while the dependency is unavailable.</summary>
    /// <param name="what">What it refuses, with the name of the setting.</param>
    /// <param name="code">The dependency's code for it.</param>
    /// <param name="said">The dependency's own words, which contain no password.</param>
    protected void Refused(string what, string code, string said)
    {
        if (IsNew(what, $"{dependency} refuses {what} ({code})."))
        {
            Log.Refused(logger, dependency, what, said);
        }
    }

    /// <summary>The dependency has not proved with its certificate who it is. Counts like a refusal.</summary>
    /// <param name="said">The client's own words.</param>
    protected void Distrusted(string said)
    {
        if (IsNew("certificate", $"{dependency} has a certificate that cannot be verified."))
        {
            Log.Distrusted(logger, dependency, said);
        }
    }

    private bool IsNew(string what, string refusal)
    {
        lock (_lock)
        {
            if (_refused == what)
            {
                return false;
            }

            (_isGranted, _isTried, _refused, _refusal) = (false, true, what, refusal);
            return true;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.AccessRefused, LogLevel.Error, "{Dependency} refuses {What}; retrying: {Said}")]
        public static partial void Refused(ILogger logger, string dependency, string what, string said);

        [LoggerMessage(EventIds.CertificateDistrusted, LogLevel.Error,
            "{Dependency} has a certificate that cannot be verified; retrying: {Said}")]
        public static partial void Distrusted(ILogger logger, string dependency, string said);
    }
}
