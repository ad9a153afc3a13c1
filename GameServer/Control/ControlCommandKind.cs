namespace GameStack.GameServer.Control;

internal enum ControlCommandKind
{
    Unknown,
    Auth,
    Assign,
    Session,
    GetState,
    GetRunningLength,
    Stop,
}
