using System.Text.Json;
using GameStack.Backend.Tickets;

namespace GameStack.Backend.Queue.Redis;

/// <summary>
/// A message that the scripts publish: <c>{"kind":"matched","match":"…","players":["p1"],"host":"10.0.0.7","port":8080,"admission":"…",
/// "seats":""}</c> or <c>{"kind":"wake"}</c>. Those of older backends lack the last field.
/// </summary>
internal sealed record MatchChangeMessage(
    string Kind, string? Match, IReadOnlyList<string>? Players, string? Host, int Port, string? Admission, string? Seats)
{
    public static MatchChangeMessage? Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, MatchChangeJson.Default.MatchChangeMessage);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Returns null for a message that concerns no player.</summary>
    public MatchChange? ToChange() => (Kind, Players) switch
    {
        ("matched", not null) => new MatchChange(Players, new PlayerState(PlayerPhase.Matched, Guid.Parse(Match!), Host!, Port, Players)
        {
            Admission = MatchAdmission.Parse(Admission, Seats),
        }),
        ("ended", not null) => new MatchChange(Players, PlayerState.Ended(Guid.Parse(Match!))),
        ("left", not null) => new MatchChange(Players, PlayerState.Unknown),
        _ => null,
    };
}
