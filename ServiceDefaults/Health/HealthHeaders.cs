namespace GameStack.ServiceDefaults.Health;

/// <summary>What a probe's answer says in its headers, for readers that do not wait for the body.</summary>
public static class HealthHeaders
{
    /// <summary>The names of the checks that are not healthy, separated by commas; missing when all are healthy.</summary>
    public const string Degraded = "X-Degraded";
}
