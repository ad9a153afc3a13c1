using System.Globalization;

namespace GameStack.Tests.Support;

/// <summary>How a stack under test makes its matches.</summary>
public sealed record StackSettings
{
    public required int SessionSize { get; init; }

    public int MinPartialSessionSize { get; init; } = 2;

    /// <summary>By default longer than any test: only full matches are made.</summary>
    public int FlushWaitSeconds { get; init; } = 3600;

    /// <summary>The players of the load tester that is part of the graph.</summary>
    public int Clients { get; init; } = 10;

    /// <summary>The settings of the same meaning that the AppHost hands on.</summary>
    public IReadOnlyDictionary<string, string> ForAppHost() => new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["SESSION_SIZE"] = SessionSize.ToString(CultureInfo.InvariantCulture),
        ["MIN_PARTIAL_SESSION_SIZE"] = MinPartialSessionSize.ToString(CultureInfo.InvariantCulture),
        ["FLUSH_WAIT_SECONDS"] = FlushWaitSeconds.ToString(CultureInfo.InvariantCulture),
        ["Matchmaking:SilentSeconds"] = (FlushWaitSeconds + 60).ToString(CultureInfo.InvariantCulture),
        ["CLIENTS"] = Clients.ToString(CultureInfo.InvariantCulture),
        ["MATCH_DURATION"] = "5",
    };
}
