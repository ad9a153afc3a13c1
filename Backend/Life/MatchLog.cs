namespace GameStack.Backend.Life;

/// <summary>Logs the steps that an operator wants to read about.</summary>
internal sealed partial class MatchLog(ILogger<MatchLife> logger) : IMatchListener
{
    public void Hear(MatchStep step)
    {
        switch (step)
        {
            case MatchStep.Assigned s:
                Log.Assigned(logger, s.MatchId, s.Players, s.Server, s.Host, s.Port);
                break;
            case MatchStep.TryFailed s:
                Log.TryFailed(logger, s.MatchId, s.Try, s.Reason);
                break;
            case MatchStep.GivenBack s:
                Log.GivenBack(logger, s.MatchId, s.Players);
                break;
            case MatchStep.ClaimLost s:
                Log.ClaimLost(logger, s.MatchId);
                break;
            case MatchStep.HandedOver s:
                Log.HandedOver(logger, s.MatchId);
                break;
            case MatchStep.Ended { By: MatchEnd.Call } s:
                Log.EndedByCall(logger, s.MatchId);
                break;
            case MatchStep.Ended { By: MatchEnd.ServerExit } s:
                Log.ServerExited(logger, s.MatchId);
                break;
            case MatchStep.Ended { By: MatchEnd.ServerLost } s:
                Log.ServerLost(logger, s.MatchId);
                break;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.MatchLogAssigned, LogLevel.Information,
            "Match {MatchId} of {Players} players is on {Server} at {Host}:{Port}")]
        public static partial void Assigned(ILogger logger, Guid matchId, int players, string server, string host, int port);

        [LoggerMessage(EventIds.TryFailed, LogLevel.Warning, "Match {MatchId} got no server at try {Try}: {Reason}")]
        public static partial void TryFailed(ILogger logger, Guid matchId, int @try, string reason);

        [LoggerMessage(EventIds.GivenBack, LogLevel.Warning,
            "Match {MatchId} got no server; its {Players} players are at the head of the queue again")]
        public static partial void GivenBack(ILogger logger, Guid matchId, int players);

        [LoggerMessage(EventIds.ClaimLost, LogLevel.Warning, "Another backend has taken over match {MatchId}")]
        public static partial void ClaimLost(ILogger logger, Guid matchId);

        [LoggerMessage(EventIds.HandedOver, LogLevel.Information,
            "Match {MatchId} has no server yet and is handed over, because this backend stops")]
        public static partial void HandedOver(ILogger logger, Guid matchId);

        [LoggerMessage(EventIds.EndedByCall, LogLevel.Information, "Match {MatchId} was ended by a call of the API")]
        public static partial void EndedByCall(ILogger logger, Guid matchId);

        [LoggerMessage(EventIds.ServerExited, LogLevel.Information, "Match {MatchId} has ended: its server has exited")]
        public static partial void ServerExited(ILogger logger, Guid matchId);

        [LoggerMessage(EventIds.ServerLost, LogLevel.Warning, "Match {MatchId} has ended: its server is gone")]
        public static partial void ServerLost(ILogger logger, Guid matchId);
    }
}
