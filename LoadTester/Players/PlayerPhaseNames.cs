namespace GameStack.LoadTester.Players;

internal static class PlayerPhaseNames
{
    /// <summary>The phase's name in reports, metrics and spans.</summary>
    public static string Name(this PlayerPhase phase) =>
        phase switch
        {
            PlayerPhase.Join => "join",
            PlayerPhase.Match => "match",
            PlayerPhase.Connect => "connect",
            PlayerPhase.Play => "play",
            PlayerPhase.End => "end",
            _ => "leave",
        };
}
