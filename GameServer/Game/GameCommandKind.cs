namespace GameStack.GameServer.Game;

internal enum GameCommandKind
{
    Unknown,
    GetState,
    RequestMatch,
    GetRunningLength,
    Join,
    GetRoster,
    Leave,
}
