namespace GameStack.Backend;

/// <summary>
/// Redis, Postgres or the Kubernetes API aborted a call or did not answer.
/// It is unknown whether the call took effect; the caller may repeat it.
/// </summary>
/// <param name="dependency">The dependency's name for operators, such as <c>Redis</c>.</param>
/// <param name="reason">What the dependency or its client said.</param>
/// <param name="innerException">The exception that the client threw, if any.</param>
internal sealed class DependencyUnavailableException(string dependency, string reason, Exception? innerException = null)
    : Exception($"{dependency} is unavailable: {reason}", innerException)
{
    /// <summary>A dependency that comes back is usually usable within this time.</summary>
    public static readonly TimeSpan UsualRetryAfter = TimeSpan.FromSeconds(1);

    public string Dependency => dependency;

    /// <summary>How long the dependency has been unavailable; null when that is not known.</summary>
    public TimeSpan? Outage { get; init; }

    /// <summary>How long a caller should wait before trying again.</summary>
    public TimeSpan RetryAfter { get; init; } = UsualRetryAfter;
}
