using GameStack.Backend;
using GameStack.Backend.Records;

namespace GameStack.Tests.Backend.Records;

internal static class TestRecords
{
    // Whole microseconds, which is what Postgres keeps.
    public static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>A backend that keeps records.</summary>
    public static readonly BackendIdentity Backend = new("backend-1", "backend-1-1a2b3c4d");

    public static MatchRecord New(params IReadOnlyList<string> players) => new()
    {
        SessionId = Guid.NewGuid(),
        Players = players,
        BackendPod = "backend-1",
        GameServerPod = "game-server-1",
        CreatedAt = Noon,
    };

    /// <summary>Records compare their players by reference.</summary>
    public static void Same(MatchRecord expected, MatchRecord? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Players, actual.Players);
        Assert.Equal(expected with { Players = actual.Players }, actual);
    }
}
