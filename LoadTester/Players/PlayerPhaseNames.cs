namespace GameStack.LoadTester.Players;

internal static class PlayerPhaseNames
{
    /// <summary>As reports, metrics and spans write it.</summary>
    public static string Name(this PlayerPhase phase) =>
        phase switch
        {
            PlayerPhase.Join => "join",
            PlayerPhase.Match => "match",
            PlayerPhase.Connect => "connect",
            PlayerPhase.Play => "play",
            _ => "end",
        };
}
