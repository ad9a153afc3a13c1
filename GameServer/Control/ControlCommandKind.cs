namespace GameStack.GameServer.Control;

internal enum ControlCommandKind
{
    Unknown,
    Auth,
    LongestMatch,
    Tickets,
    Assign,
    Session,
    GetState,
    GetRunningLength,
    Stop,
}
