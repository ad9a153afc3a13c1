namespace GameStack.GameServer.Control;

internal enum ControlCommandKind
{
    Unknown,
    Auth,
    LongestMatch,
    Assign,
    Session,
    GetState,
    GetRunningLength,
    Stop,
}
