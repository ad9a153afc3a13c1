namespace Aspire.Npgsql;

/// <summary>Bound from <c>Aspire:Npgsql</c> and <c>Aspire:Npgsql:&lt;connection name&gt;</c>.</summary>
public class NpgsqlSettings
{
    /// <summary>What <c>ConnectionStrings:&lt;connection name&gt;</c> says, when it is there.</summary>
    public string? ConnectionString { get; set; }

    public bool DisableHealthChecks { get; set; }

    public bool DisableTracing { get; set; }

    public bool DisableMetrics { get; set; }
}
