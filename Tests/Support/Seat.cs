namespace GameStack.Tests.Support;

/// <summary>What a matched player was told: the match and where it is played.</summary>
public sealed record Seat(string Player, string SessionId, string Host, int Port)
{
    public static Seat Of(string player, ApiAnswer answer) =>
        new(player, answer.Text("session_id"), answer.Text("connect_host"), answer.Number("connect_port"));
}
