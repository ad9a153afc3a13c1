namespace GameStack.ServiceDefaults.Health;

/// <summary>What a health check says to everybody who may read a probe's answer: a sentence without addresses or other secrets.</summary>
public static class HealthReasons
{
    private const string Key = "reason";

    /// <summary>The data of a check's result that has this reason.</summary>
    public static IReadOnlyDictionary<string, object> Public(string reason) =>
        new Dictionary<string, object>(StringComparer.Ordinal) { [Key] = reason };

    internal static string? Of(IReadOnlyDictionary<string, object> data) => data.GetValueOrDefault(Key) as string;
}
