namespace GameStack.LoadTester.Players;

internal static class PlayerStateNames
{
    /// <summary>The state's name in reports and metrics.</summary>
    public static string Name(this PlayerState state) =>
        state switch
        {
            PlayerState.Joining => "joining",
            PlayerState.Waiting => "waiting",
            PlayerState.Connecting => "connecting",
            PlayerState.Playing => "playing",
            PlayerState.Ending => "ending",
            PlayerState.Ended => "ended",
            PlayerState.Failed => "failed",
            _ => "stopped",
        };
}
