using GameStack.ServiceDefaults.Health;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.Model;

namespace GameStack.Proxy.Backends;

/// <summary>
/// Decides which backends are healthy as YARP's policy <c>ConsecutiveFailures</c> does, notes which backends are degraded, and
/// looks for the ports of those that answer (<see cref="ShortPorts"/>).
/// </summary>
internal sealed class BackendProbePolicy(
    IServiceProvider services, DegradedBackends degraded, ShortPorts shortPorts, IClusterDestinationsUpdater destinations)
    : IActiveHealthCheckPolicy
{
    public const string PolicyName = "BackendProbes";

    /// <summary>The backend's name for the health check of its Redis.</summary>
    private const string RedisCheck = "redis";

    /// <summary>Its name for the check that fails while it drains. A backend that is not ready for another reason has no players.</summary>
    private const string DrainCheck = "accepting_requests";

    /// <summary>YARP's type is internal, and a policy cannot inject the collection of policies that contains itself.</summary>
    private readonly Lazy<IActiveHealthCheckPolicy> _consecutiveFailures = new(() => services
        .GetServices<IActiveHealthCheckPolicy>()
        .Single(policy => policy.Name == HealthCheckConstants.ActivePolicy.ConsecutiveFailures));

    public string Name => PolicyName;

    public void ProbingCompleted(ClusterState cluster, IReadOnlyList<DestinationProbingResult> probingResults)
    {
        if (FindConsecutiveFailures() is not { } consecutiveFailures)
            return;

        // Before the health: a degraded backend that starts to answer should not count as preferred even for a moment.
        var changed = degraded.Replace(probingResults.Where(IsDegraded).Select(result => result.Destination));
        consecutiveFailures.ProbingCompleted(cluster, probingResults);
        if (changed)
            destinations.UpdateAvailableDestinations(cluster);
        shortPorts.Check(cluster, probingResults.Where(result => result.Response is not null).Select(result => result.Destination));
    }

    /// <summary>Null for a probe that ends when the proxy has stopped, before any other did.</summary>
    private IActiveHealthCheckPolicy? FindConsecutiveFailures()
    {
        try
        {
            return _consecutiveFailures.Value;
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>
    /// One probe without an answer does not change what the backend said before. A backend that stopped answering has lost its memory.
    /// </summary>
    private bool IsDegraded(DestinationProbingResult result) => result.Response is { } response
        ? Reports(response, RedisCheck) && (response.IsSuccessStatusCode || Reports(response, DrainCheck))
        : degraded.Contains(result.Destination) && result.Destination.Health.Active != DestinationHealth.Unhealthy;

    private static bool Reports(HttpResponseMessage response, string check) =>
        response.Headers.TryGetValues(HealthHeaders.Degraded, out var values)
        && values.SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries)).Contains(check, StringComparer.Ordinal);
}
