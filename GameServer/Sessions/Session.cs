namespace GameStack.GameServer.Sessions;

/// <summary>The match this server was given.</summary>
internal sealed record Session(Guid Id, Roster Players);
