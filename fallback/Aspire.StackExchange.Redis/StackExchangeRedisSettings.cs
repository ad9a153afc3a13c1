namespace Aspire.StackExchange.Redis;

/// <summary>Bound from <c>Aspire:StackExchange:Redis</c> and <c>Aspire:StackExchange:Redis:&lt;connection name&gt;</c>.</summary>
public sealed class StackExchangeRedisSettings
{
    /// <summary>What <c>ConnectionStrings:&lt;connection name&gt;</c> says, when it is there.</summary>
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }

    /// <summary>There is nothing to disable here: the instrumentation is one of the packages that the stand-in does without.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>False: the connection is opened when the host starts and not when it is first asked for.</summary>
    public bool DisableAutoActivation { get; set; } = true;
}
