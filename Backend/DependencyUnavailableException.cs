namespace GameStack.Backend;

/// <summary>
/// Redis, Postgres or the API server of Kubernetes broke a call off or did not answer. Whether the call took effect is unknown; it may be
/// repeated.
/// </summary>
/// <param name="dependency">The name for operators, such as <c>Redis</c>.</param>
/// <param name="reason">What the dependency or its client said.</param>
/// <param name="innerException">What the client threw, if it threw.</param>
internal sealed class DependencyUnavailableException(string dependency, string reason, Exception? innerException = null)
    : Exception($"{dependency} is unavailable: {reason}", innerException)
{
    public string Dependency => dependency;

    /// <summary>When a caller may try again.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);
}
